import { IntegrityError } from "@engraft/core/errors";
import type { Host } from "../../host.js";
import type { UnreadableFile } from "../../storage-errors.js";
import type { TaskManifest } from "../manifest/manifest.js";
import { parseManifest } from "../manifest/parse-manifest.js";
import { MANIFEST_FILE, RECORD_FILES } from "../manifest/task-files.js";

/** What reading a task asks of the host. */
export type StorageHost = Pick<Host, "tasks" | "sha256">;

/** A task as files: the manifest and what it names. */
export interface TaskFiles {
  readonly manifest: TaskManifest;
  /** Content of the files but `task.json`, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The files that a task predicts with, as they are at a place. */
export interface StoredTask extends TaskFiles {
  readonly place: string;
  /** What the state of the place was before they were read. */
  readonly state: string | undefined;
}

/** How often a task that other processes replace again and again is read. */
const ATTEMPTS = 8;
/** Before it is read again, times the attempts so far. Milliseconds. */
const PAUSE = 20;

/**
 * Reads what a task predicts with: `task.json`, and its files but for those of the record, each
 * checked against its digest.
 *
 * @throws UsageError when there is no task at the place.
 * @throws IntegrityError when a file is missing, altered or of an unknown version.
 */
export async function readStoredTask(place: string, host: StorageHost): Promise<StoredTask> {
  for (let attempt = 1; ; attempt++) {
    const state = await host.tasks.state(place);
    try {
      const manifest = parseManifest(await host.tasks.readManifest(place));
      const names = Object.keys(manifest.files).filter((name) => !RECORD_FILES.includes(name));
      return { place, state, manifest, files: await readFiles(place, manifest, names, host) };
    } catch (error) {
      if (attempt === ATTEMPTS || !(await isBeingReplaced(place, state, host))) throw error;
      await new Promise<void>((resolve) => setTimeout(resolve, attempt * PAUSE));
    }
  }
}

/** Whether another process is putting a task in the place of the one that was there a moment ago. */
async function isBeingReplaced(
  place: string,
  before: string | undefined,
  { tasks }: StorageHost,
): Promise<boolean> {
  const isChanged = before !== undefined && before !== (await tasks.state(place));
  return isChanged || tasks.isBeingReplaced(place);
}

/**
 * Reads the files in which a task remembers its examples; none where it keeps none.
 *
 * @throws IntegrityError when a file is missing or altered, or another process has replaced the task.
 */
export async function readStoredRecord(
  place: string,
  manifest: TaskManifest,
  names: readonly string[],
  host: StorageHost,
): Promise<ReadonlyMap<string, Uint8Array>> {
  try {
    return await readFiles(place, manifest, names, host);
  } catch (error) {
    const { manifest: now } = await readStoredTask(place, host);
    if (JSON.stringify(now) === JSON.stringify(manifest)) throw error;
    throw new IntegrityError(
      "task/altered",
      MANIFEST_FILE,
      `Another process has replaced task ${place} while it was read. Load it again.`,
      { cause: error },
    );
  }
}

async function readFiles(
  place: string,
  manifest: TaskManifest,
  names: readonly string[],
  { tasks, sha256 }: StorageHost,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const [name, expected] of Object.entries(manifest.files)) {
    if (!names.includes(name)) continue;
    const read = tasks.readFile(place, name, expected.bytes);
    const bytes = await read.catch((cause: UnreadableFile) => {
      throw altered(place, name, cause.message);
    });
    const digest = await sha256(bytes);
    if (digest !== expected.sha256)
      throw altered(place, name, "its SHA-256 differs from task.json");
    files.set(name, bytes);
  }
  return files;
}

function altered(place: string, name: string, why: string): IntegrityError {
  return new IntegrityError(
    "task/altered",
    name,
    `The file ${name} of task ${place} cannot be trusted: ${why}. Restore it, or train the task again.`,
  );
}

/** The files of a task with `task.json`, as they are stored. */
export function packFiles({ manifest, files }: TaskFiles): ReadonlyMap<string, Uint8Array> {
  const json = new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`);
  return new Map([...files, [MANIFEST_FILE, json]]);
}
