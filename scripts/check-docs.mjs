// Checks the programs of the documentation: every `ts` block of the README, the guides and the packages'
// READMEs is type-checked and run against the packages as they are published.
//
//   node scripts/check-docs.mjs                     all of them
//   node scripts/check-docs.mjs docs/guides/data.md one page
//
// A block runs by itself, in a folder of its own with the files of scripts/docs/files.mjs. What it takes
// for granted stands in a comment above it, which readers of the page do not see:
//   <!-- before: const task = await loadTask("mails.engraft"); -->
// what has to end after it in `<!-- after: await task.close(); -->`,
// and `<!-- types only: why -->` above a block says why it is type-checked but not run.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFiles } from "./docs/files.mjs";
import { installPacked } from "./docs/packed.mjs";
import { programsOf } from "./docs/programs.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Below the repository, so that what the packages depend on is found in its node_modules. */
const WORK = join(ROOT, ".docs-check");
/** Longest run of one block. Milliseconds. */
const TIMEOUT = 180_000;

const pages = process.argv.length > 2 ? process.argv.slice(2).map((page) => resolve(page)) : all();
const programs = pages.flatMap((page) =>
  programsOf(relative(ROOT, page), readFileSync(page, "utf8")),
);
await rm(WORK, { recursive: true, force: true });
await mkdir(WORK);
await installPacked(join(WORK, "node_modules"));
await writePrograms();
const failures = (await typeCheck()) ? await runAll() : ["some blocks are not valid TypeScript"];
if (failures.length > 0) {
  console.error(failures.join("\n\n"));
  process.exit(1);
}
await rm(WORK, { recursive: true, force: true });
console.log(`Documentation: ${programs.length} programs of ${pages.length} pages run.`);

/** The README, the documentation but what is generated, and the packages' READMEs. */
function all() {
  const below = (folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter(
        (path) => !path.includes("node_modules") && !path.startsWith(join(ROOT, "docs/api/")),
      );
  return [join(ROOT, "README.md"), ...below("docs"), ...below("packages"), ...below("examples")];
}

async function writePrograms() {
  const options = {
    target: "es2022",
    module: "nodenext",
    moduleResolution: "nodenext",
    lib: ["es2023", "esnext.disposable"],
    types: ["node"],
    strict: true,
    skipLibCheck: true,
    rootDir: "src",
    outDir: "out",
  };
  await writeFile(join(WORK, "package.json"), '{ "type": "module", "private": true }\n');
  await writeFile(
    join(WORK, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, include: ["src"] }),
  );
  await mkdir(join(WORK, "src"));
  for (const { name, source } of programs) await writeFile(join(WORK, "src", `${name}.ts`), source);
}

async function typeCheck() {
  const { code, output } = await run("npx", ["tsc", "-p", "."], WORK);
  if (code !== 0) console.error(output);
  return code === 0;
}

async function runAll() {
  const files = join(WORK, "files");
  await makeFiles(files, join(WORK, "node_modules"));
  const failures = [];
  for (const { name, where, isRun } of programs) {
    if (!isRun) continue;
    const folder = join(WORK, "run", name);
    await cp(files, folder, { recursive: true });
    const { code, output } = await run("node", [join(WORK, "out", `${name}.js`)], folder);
    if (code !== 0) failures.push(`${where} ended with ${code}:\n${output}`);
    await rm(folder, { recursive: true, force: true });
  }
  return failures;
}

/** Runs a program to its end, or for at most {@link TIMEOUT}. */
function run(command, args, cwd) {
  return new Promise((done) => {
    const env = { ...process.env, ENGRAFT_CACHE: join(WORK, "cache") };
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      done({ code: code ?? signal, output });
    });
  });
}
