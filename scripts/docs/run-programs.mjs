import { spawn } from "node:child_process";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFiles } from "./files.mjs";
import { installPacked } from "./packed.mjs";
import { ROOT } from "./pages.mjs";

/** Below the repository, so that what the packages depend on is found in its node_modules. */
const WORK = join(ROOT, ".docs-check");
/** Longest run of one program. Milliseconds. */
const TIMEOUT = 180_000;

/**
 * Compiles programs against the packed packages, and runs each in a folder of its own with the files of
 * files.mjs.
 *
 * @param {ReturnType<import("./programs.mjs").programsOf>} programs
 * @param {{ packs?: string }} options Folder of the tarballs; by default they are packed.
 * @returns {Promise<string[]>} What failed. Its work is then left for a look at it.
 */
export async function failedPrograms(programs, { packs } = {}) {
  await rm(WORK, { recursive: true, force: true });
  const modules = join(WORK, "node_modules");
  await mkdir(modules, { recursive: true });
  await installPacked(modules, packs);
  const failures = (await compile(programs)) ?? (await runAll(programs, modules));
  if (failures.length === 0) await rm(WORK, { recursive: true });
  return failures;
}

/** Undefined where all programs are valid. */
async function compile(programs) {
  const compilerOptions = {
    target: "es2022",
    module: "nodenext",
    moduleResolution: "nodenext",
    // Pages of the documentation have programs for browsers, too.
    lib: ["es2023", "esnext.disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    types: ["node"],
    strict: true,
    rootDir: "src",
    outDir: "out",
  };
  const json = (name, value) => writeFile(join(WORK, name), JSON.stringify(value));
  await json("package.json", { type: "module", private: true });
  await json("tsconfig.json", { compilerOptions, include: ["src"] });
  await mkdir(join(WORK, "src"));
  for (const { name, source } of programs) await writeFile(join(WORK, "src", `${name}.ts`), source);
  const compiler = join(ROOT, "node_modules/@typescript/native/bin/tsc");
  const { code, output } = await run([compiler, "-p", "."], WORK);
  return code === 0 ? undefined : [output];
}

async function runAll(programs, modules) {
  const files = join(WORK, "files");
  await makeFiles(files, modules);
  const failures = [];
  for (const { name, where } of programs.filter(({ isRun }) => isRun)) {
    const folder = join(WORK, "run", name);
    await cp(files, folder, { recursive: true });
    const { code, output } = await run([join(WORK, "out", `${name}.js`)], folder);
    if (code !== 0) failures.push(`${where} ended with ${code}:\n${output}`);
    await rm(folder, { recursive: true });
  }
  return failures;
}

/** Runs a program of Node to its end, or for at most {@link TIMEOUT}. */
function run(words, cwd) {
  return new Promise((done) => {
    const env = { ...process.env, ENGRAFT_CACHE: join(WORK, "cache") };
    const child = spawn(process.execPath, words, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const hint = signal === null ? "" : `It was stopped after ${TIMEOUT / 1000} s.\n`;
      done({ code: code ?? signal, output: hint + output });
    });
  });
}
