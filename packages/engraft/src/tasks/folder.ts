import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { IntegrityError, UsageError } from "@engraft/core/errors";
import { parseManifest, type TaskManifest } from "@engraft/core/predict";
import { writeDurably } from "../files.js";

/** A task as files: the manifest and what it names. */
export interface TaskFiles {
  readonly manifest: TaskManifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Writes a task folder so that it is complete or not there at all: everything goes to a temporary
 * folder beside it, which is renamed at the end. A task that is already there is replaced.
 *
 * @throws UsageError when the place is taken by something that is not a task.
 */
export async function writeTaskFolder(path: string, { manifest, files }: TaskFiles): Promise<void> {
  const target = resolve(path);
  await requireReplaceable(target);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  await mkdir(temporary, { recursive: true });
  try {
    for (const [name, bytes] of files) await writeDurably(join(temporary, name), bytes);
    const json = new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`);
    await writeDurably(join(temporary, "task.json"), json);
    await swap(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Reads a task folder and checks every file against its digest in `task.json`.
 *
 * @throws UsageError when the folder is not a task.
 * @throws IntegrityError when a file is missing, altered or of an unknown version.
 */
export async function readTaskFolder(path: string): Promise<TaskFiles> {
  const manifest = parseManifest(await readManifest(path));
  const files = new Map<string, Uint8Array>();
  for (const [name, expected] of Object.entries(manifest.files)) {
    if (name !== basename(name)) throw altered(path, name, "its name leads out of the folder");
    const bytes = await readFile(join(path, name)).catch((cause: NodeJS.ErrnoException) => {
      throw altered(path, name, cause.code === "ENOENT" ? "it is missing" : cause.message);
    });
    const digest = createHash("sha256").update(bytes).digest("hex");
    if (digest !== expected.sha256) throw altered(path, name, "its SHA-256 differs from task.json");
    files.set(name, bytes);
  }
  return { manifest, files };
}

async function readManifest(path: string): Promise<Uint8Array> {
  try {
    return await readFile(join(path, "task.json"));
  } catch (cause) {
    throw new UsageError(
      `${path} is not a task folder: it has no task.json. A task is what "engraft train" writes, ` +
        "a folder whose name ends in .engraft.",
      { cause },
    );
  }
}

function altered(path: string, name: string, why: string): IntegrityError {
  return new IntegrityError(
    "task/altered",
    name,
    `The file ${name} of task ${path} cannot be trusted: ${why}. Restore it, or train the task again.`,
  );
}

/**
 * Makes sure that a task can be written to a place: nothing is there, or another task.
 *
 * @throws UsageError when the place is taken by something that is not a task.
 */
export async function requireReplaceable(path: string): Promise<void> {
  const target = resolve(path);
  const entry = await stat(target).catch(() => undefined);
  if (entry === undefined) return;
  const names = entry.isDirectory() ? await readdir(target) : undefined;
  if (names?.length === 0 || names?.includes("task.json")) return;
  throw new UsageError(
    `${target} exists and is not a task. Choose another place for the task with -o.`,
  );
}

/** Puts the new folder in the place of the old one. */
async function swap(temporary: string, target: string): Promise<void> {
  const old = `${temporary}.old`;
  const replaced = await rename(target, old).then(
    () => true,
    () => false,
  );
  await rename(temporary, target);
  if (replaced) await rm(old, { recursive: true, force: true });
}
