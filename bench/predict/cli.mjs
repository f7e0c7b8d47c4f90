import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The program of the command line. */
export const CLI = fileURLToPath(new URL("../../packages/engraft/bin/engraft.js", import.meta.url));

/** Starts `engraft predict` with a task. */
export function startPredict(task, inputs, stdio) {
  return spawn(process.execPath, [CLI, "predict", task, ...inputs, "--json"], { stdio });
}

/** Waits for the end of a process, which must be a good one. */
export async function finished(child) {
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`engraft predict ended with exit code ${code}.`);
}
