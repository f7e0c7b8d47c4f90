// Tries one package manager with one version of Node in an empty folder.
import { spawn } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { writeProject } from "./managers.mjs";

/** What must not be in what a package manager prints: a complaint about what is ours. */
const COMPLAINT = /^(?=.*(?:warn|error|deprecat|fail))(?=.*(?:engraft|onnxruntime|EBADENGINE))/i;

const MAILS = `text,label
win a free cruise now,spam
cheap pills click here,spam
you won the lottery claim,spam
free money transfer today,spam
limited offer buy now,spam
earn cash from home fast,spam
are we still meeting at ten,ham
please find the minutes attached,ham
lunch on tuesday?,ham
the build is green again,ham
can you review my patch,ham
see you at the station,ham
`;

const LIBRARY = `
import { loadTask } from "engraft";
const task = await loadTask("mails.engraft");
const [{ label }] = await task.predict(["free money, click here"]);
await task.close();
console.log(label);
`;

/**
 * @param {object} setting
 * @param {string} setting.folder Empty.
 * @param {{ url: string, tarballs: Map<string, string> }} setting.registry
 * @param {import("./managers.mjs").Manager} setting.manager
 * @param {{ node: string, program: string }} setting.run
 */
export async function tryOne({ folder, registry, manager, run }) {
  const failures = [];
  const log = [];
  const start = (file, args, env = {}) => runIn({ folder, run, log }, file, args, env);
  const manage = (args) =>
    manager.isNative ? start(run.program, args) : start(run.node, [run.program, ...args]);

  writeProject(folder, manager, registry.url);
  writeFileSync(join(folder, "mails.csv"), MAILS);
  writeFileSync(join(folder, "predict.mjs"), LIBRARY);
  cpSync(registry.tarballs.get("engraft"), join(folder, "engraft.tgz"));
  const version = (await manage(["--version"])).stdout.trim();
  const node = (await start(run.node, ["--version"])).stdout.trim().slice(1);
  const begin = performance.now();
  const installed = await manage(manager.add("./engraft.tgz"));
  const seconds = Math.round((performance.now() - begin) / 1000);
  const printed = `${installed.stdout}\n${installed.stderr}`;
  if (installed.status !== 0) failures.push(`The install failed:\n${printed}`);
  for (const line of printed.split("\n")) if (COMPLAINT.test(line)) failures.push(line.trim());
  const isPnp = existsSync(join(folder, ".pnp.cjs"));
  failures.push(...(isPnp ? [] : packagesWithScripts(join(folder, "node_modules"))));

  const engraft = (args, env) =>
    isPnp
      ? start(run.node, [run.program, "run", "engraft", ...args], env)
      : start(run.node, ["node_modules/engraft/bin/engraft.js", ...args], env);
  const expect = (what, done, matches) => {
    if (done.status === 0 && done.stderr === "" && matches(done.stdout)) return;
    failures.push(`${what} ended with ${done.status}:\n${done.stdout}${done.stderr}`);
  };
  const isSpam = (stdout) => stdout.startsWith("spam\t");
  const mail = "free money, click here";
  let runtime = "none";
  if (installed.status === 0) {
    const trained = await engraft(["train", "mails.csv", "--quiet", "--json"]);
    expect("train", trained, (stdout) => JSON.parse(stdout).n === 12);
    expect("predict", await engraft(["predict", "mails.engraft", mail]), isSpam);
    const wasm = await engraft(["predict", "mails.engraft", mail], { ENGRAFT_RUNTIME: "wasm" });
    expect("predict on WebAssembly", wasm, isSpam);
    const library = isPnp
      ? await manage(["node", "predict.mjs"])
      : await start(run.node, ["predict.mjs"]);
    expect("the library", library, (stdout) => stdout === "spam\n");
    const doctor = await engraft(["doctor", "--json"]);
    expect("doctor", doctor, (stdout) => JSON.parse(stdout).ok);
    if (doctor.status === 0) runtime = runtimeOf(JSON.parse(doctor.stdout));
  }
  return {
    node,
    version,
    seconds,
    megabytes: Math.round(sizeOf(folder, isPnp) / 1e6),
    runtime,
    failures,
    log: log.join("\n"),
  };
}

/** Runs a program as a user would who has this version of Node alone. */
async function runIn({ folder, run, log }, file, args, env) {
  const child = spawn(file, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...plainEnvironment(),
      PATH: `${dirname(run.node)}${delimiter}${process.env.PATH}`,
      ENGRAFT_CACHE: join(folder, "cache"),
      // These know packages by version alone, and would use those of an earlier try.
      YARN_CACHE_FOLDER: join(folder, ".yarn-cache"),
      YARN_ENABLE_GLOBAL_CACHE: "false",
      YARN_ENABLE_MIRROR: "false",
      BUN_INSTALL_CACHE_DIR: join(folder, ".bun-cache"),
      ...env,
    },
  });
  const ended = new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  log.push(`$ ${args.join(" ")}`, stdout, stderr);
  return { stdout, stderr, status };
}

/** Without what npm hands to its scripts, the settings of this user, and colours. */
function plainEnvironment() {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|NODE_OPTIONS|FORCE_COLOR|ENGRAFT_|INIT_CWD)/.test(name),
  );
  return { ...Object.fromEntries(entries), npm_config_userconfig: "none", NO_COLOR: "1" };
}

function runtimeOf({ checks }) {
  const { details } = checks.find(({ name }) => name === "runtime");
  return `${details.kind} ${details.version}`;
}

/** Packages that would run code when they are installed. */
function packagesWithScripts(modules) {
  if (!existsSync(modules)) return [];
  return readdirSync(modules, { recursive: true })
    .filter((path) => /(?:^|[\\/])package\.json$/.test(path))
    .flatMap((path) => {
      const { name, scripts = {} } = readManifest(join(modules, path));
      const found = ["preinstall", "install", "postinstall"].filter((key) => key in scripts);
      return name && found.length > 0 ? [`${name} has the script ${found.join(", ")}.`] : [];
    });
}

function readManifest(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return {};
  }
}

/** Bytes that were installed. */
function sizeOf(folder, isPnp) {
  const places = isPnp ? [".yarn-cache", ".yarn", ".pnp.cjs", ".pnp.loader.mjs"] : ["node_modules"];
  return places.map((name) => join(folder, name)).reduce((sum, path) => sum + bytesIn(path), 0);
}

function bytesIn(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.isSymbolicLink())
    .reduce((sum, { name }) => sum + bytesIn(join(path, name)), 0);
}
