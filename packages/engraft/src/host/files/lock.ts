import { open, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { OutputError } from "@engraft/tasks/predict";
import { isAbandoned, writerId } from "./temporary.js";

/** How long to wait for another process that is writing, which takes a moment. Milliseconds. */
const WAIT = 10_000;
/** A lock whose writer cannot be asked about is stale after so long. Milliseconds. */
const STALE = 60_000;

/**
 * Does some work while no other process does such work on the same target. The lock is the file
 * `.<name>.lock` beside it; one whose process was killed is taken over.
 *
 * @throws OutputError when another process keeps the lock.
 */
export async function withLock<T>(target: string, work: () => Promise<T>): Promise<T> {
  const lock = join(dirname(target), `.${basename(target)}.lock`);
  await acquire(lock, target);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function acquire(lock: string, target: string): Promise<void> {
  const until = performance.now() + WAIT;
  while (!(await create(lock))) {
    const owner = await readFile(lock, "utf8").catch(() => "");
    if (await isAbandoned(owner, lock, STALE)) await rm(lock, { force: true });
    else if (performance.now() < until) await pause(20);
    else throw new OutputError(target, `another process is writing it (${lock})`, "EBUSY");
  }
}

async function create(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, "wx");
    try {
      await file.writeFile(writerId());
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
