import { spawn } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { bundleProgram } from "../../scripts/pack/program.mjs";
import { ROOT } from "../../scripts/pack/workspaces.mjs";

/** Where the program lies among the files of a bench. */
const PROGRAM = "engraft/bin";

/** Puts the program into the files of a bench as it is installed: in one piece. */
export async function installProgram(work) {
  const home = join(work, "engraft");
  mkdirSync(home, { recursive: true });
  cpSync(join(ROOT, "packages/engraft/package.json"), join(home, "package.json"));
  symlinkSync(join(ROOT, "node_modules"), join(home, "node_modules"));
  await bundleProgram(join(work, PROGRAM));
}

/** Starts `engraft predict` with a task among the files of a bench. */
export function startPredict(work, task, inputs, stdio) {
  const args = [
    join(work, PROGRAM, "engraft.js"),
    "predict",
    join(work, task),
    ...inputs,
    "--json",
  ];
  return spawn(process.execPath, args, { stdio });
}

/** Waits for the end of a process, which must be a good one. */
export async function finished(child) {
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`engraft predict ended with exit code ${code}.`);
}
