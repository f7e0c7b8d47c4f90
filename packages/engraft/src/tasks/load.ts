import { join } from "node:path";
import type { Modality } from "@engraft/core";
import { readPlainFile } from "../host/files/plain-file.js";
import { createNodeHost } from "../host/node-host.js";
import type { LoadOptions, Task } from "./task.js";

/**
 * Loads a task folder, checking its files and its base model against their digests.
 *
 * ```ts
 * const task = await loadTask("mails.engraft");
 * const [{ label, probability }] = await task.predict(["Win a free cruise!!!"]);
 * await task.close();
 * ```
 *
 * @throws UsageError when the folder is not a task, or keeps no examples and outliers are asked for.
 * @throws IntegrityError when a file of the task or of its base model was altered or is missing.
 */
export async function loadTask(path: string, options: LoadOptions = {}): Promise<Task> {
  const platform = createNodeHost();
  try {
    const modality = await glanceAtModality(path);
    if (modality !== undefined) platform.warmUp(modality);
    // Loaded beside the thread, which takes about as long to start.
    const { openTask } = await import("./task.js");
    return await openTask(path, platform, options);
  } catch (error) {
    await platform.close();
    throw error;
  }
}

/** What a task seems to work on. Nothing is checked: opening the task does that, and complains. */
async function glanceAtModality(path: string): Promise<Modality | undefined> {
  try {
    const bytes = await readPlainFile(join(path, "task.json"));
    return JSON.parse(new TextDecoder().decode(bytes)).modality;
  } catch {
    return undefined;
  }
}
