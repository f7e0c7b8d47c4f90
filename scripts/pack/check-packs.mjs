// Checks packed tarballs as the registry and its users will see them: exports and manifests (publint),
// types for ES modules (are-the-types-wrong), a licence in each, no script that runs when they are
// installed, and a clean dry run of `npm publish`.
//
//   node scripts/pack/check-packs.mjs [folder]     a folder that scripts/pack/pack.mjs has filled
import { execFile, execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { readJson } from "./workspaces.mjs";

const require = createRequire(import.meta.url);
const ATTW = programOf("@arethetypeswrong/cli", "attw");

/** What `npm publish --dry-run` says of every package on a computer that is not logged in. */
const EXPECTED = /^npm (?:notice|warn publish This command requires you to be logged in)/;

const folder = resolve(process.argv[2] ?? "packs");
const problems = [];
const tarballs = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
for (const name of tarballs) {
  const path = join(folder, name);
  const found = [
    ...checkContents(path),
    ...(await checkManifest(path)),
    ...(await checkTypes(path)),
    ...(await checkPublish(path)),
  ];
  problems.push(...found.map((problem) => `${name}: ${problem}`));
}
if (tarballs.length === 0)
  problems.push(`${folder} has no tarballs: run node scripts/pack/pack.mjs`);
for (const problem of problems) console.error(problem);
console.log(`Packages: ${tarballs.length} tarballs, ${problems.length} problems.`);
process.exitCode = problems.length === 0 ? 0 : 1;

function checkContents(path) {
  const files = execFileSync("tar", ["-tzf", path], { encoding: "utf8" }).split("\n");
  const { scripts = {}, license } = manifestOf(path);
  const installs = ["preinstall", "install", "postinstall"].filter((key) => key in scripts);
  return [
    ...(files.includes("package/LICENSE") && license ? [] : ["it has no licence"]),
    ...installs.map((key) => `it runs the script ${key} when it is installed`),
  ];
}

async function checkManifest(path) {
  const bytes = readFileSync(path);
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true, level: "warning" });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

/** Packages of data alone have no entry whose types could be wrong. */
async function checkTypes(path) {
  if (!("types" in (manifestOf(path).exports["."] ?? {}))) return [];
  const args = [ATTW, path, "--profile", "esm-only", "--no-color", "--format", "ascii"];
  const done = await run(process.execPath, args);
  return done.status === 0 ? [] : [`are-the-types-wrong:\n${done.stdout}${done.stderr}`];
}

async function checkPublish(path) {
  const done = await run("npm", ["publish", path, "--dry-run", "--ignore-scripts"]);
  const lines = done.stderr.split("\n").filter((line) => line !== "" && !EXPECTED.test(line));
  return done.status === 0 ? lines : [`npm publish --dry-run failed:\n${done.stderr}`];
}

async function run(file, args) {
  try {
    const env = { ...process.env, npm_config_userconfig: "none" };
    return { status: 0, ...(await promisify(execFile)(file, args, { env, maxBuffer: 2 ** 26 })) };
  } catch (error) {
    return {
      status: error.code,
      stdout: error.stdout ?? "",
      stderr: error.stderr ?? String(error),
    };
  }
}

function manifestOf(path) {
  const args = ["-xzOf", path, "package/package.json"];
  return JSON.parse(execFileSync("tar", args, { encoding: "utf8" }));
}

/** The path of a program of an installed package. */
function programOf(name, bin) {
  const manifest = require.resolve(`${name}/package.json`);
  return join(dirname(manifest), readJson(manifest).bin[bin]);
}
