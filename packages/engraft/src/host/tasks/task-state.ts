import { createHash } from "node:crypto";
import { join } from "node:path";
import { MANIFEST_FILE } from "@engraft/tasks/predict";
import { readPlainFile } from "../files/plain-file.js";

/**
 * The report on a task, where it is not written elsewhere. It is made from the task and no part of it:
 * `task.json` does not name it, and a task that is trained anew comes without.
 */
export const REPORT_FILE = "report.html";

/** More than any task says of itself, in bytes. */
export const MAX_MANIFEST: number = 256 * 2 ** 20;

/** Differs between any two tasks in a place; undefined while there is none. */
export async function stateOf(path: string): Promise<string | undefined> {
  const bytes = await readPlainFile(join(path, MANIFEST_FILE)).catch(() => undefined);
  return bytes && createHash("sha256").update(bytes).digest("hex");
}
