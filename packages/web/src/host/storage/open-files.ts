import { cacheFiles } from "./cache-files.js";
import type { KeptFiles } from "./kept-files.js";
import { memoryFiles } from "./memory-files.js";
import { type OpfsFiles, opfsFiles } from "./opfs-files.js";

/** Where files are kept, and why not in a better place. */
export interface OpenedFiles {
  readonly files: KeptFiles | OpfsFiles;
  /** What is lost by that, as a sentence; undefined where nothing is. */
  readonly notice: string | undefined;
}

/** Opens the best place for files that this browser has: its file system, the Cache API, or memory. */
export async function openFiles(): Promise<OpenedFiles> {
  try {
    return { files: await opfsFiles(), notice: undefined };
  } catch {
    try {
      return { files: await cacheFiles(), notice: undefined };
    } catch {
      return { files: memoryFiles(), notice: NOTHING_KEPT };
    }
  }
}

const NOTHING_KEPT =
  "This browser keeps no files here, as in some private windows: base models are loaded again at the " +
  "next visit, and tasks last as long as the page.";
