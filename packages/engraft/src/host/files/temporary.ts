import { createHash, randomUUID } from "node:crypto";
import { readlinkSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/**
 * Names of what is written before it takes its place: `.<name>.<process>-<host>-<random>.tmp` beside
 * it. They tell whether their writer is still at work.
 */
export function temporaryName(name: string): string {
  return `.${name}.${writerId()}-${randomUUID().slice(0, 8)}.tmp`;
}

/** This process, in a form that others on the same host can ask about: `4711-1f2e3d4c`. */
export function writerId(): string {
  return `${process.pid}-${host()}`;
}

/** The host and, in containers, the space of process numbers. */
function host(): string {
  let processes = "";
  try {
    processes = readlinkSync("/proc/self/ns/pid");
  } catch {
    // Only Linux has several.
  }
  return createHash("sha256").update(`${hostname()} ${processes}`).digest("hex").slice(0, 8);
}

/** For so long what another host has written may still be at work. Milliseconds. */
const PATIENCE = 24 * 60 * 60 * 1000;

/**
 * Whether what wrote something is at work no longer: its process has ended, or, where that cannot be
 * asked, it is a day old.
 *
 * @param id - As {@link writerId}.
 * @param patience - How old it has to be where the process cannot be asked about, in milliseconds.
 */
export async function isAbandoned(
  id: string,
  path: string,
  patience: number = PATIENCE,
): Promise<boolean> {
  const [, pid, place] = /^(\d+)-([0-9a-f]{8})/.exec(id) ?? [];
  if (place === host()) return !isRunning(Number(pid));
  const written = await stat(path).catch(() => undefined);
  return written !== undefined && Date.now() - written.mtimeMs > patience;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There is one, of another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The temporary files and folders of one target that end in `suffix`, and who wrote them. */
export async function temporariesOf(
  target: string,
  suffix: string,
): Promise<{ readonly path: string; readonly writer: string }[]> {
  const folder = dirname(target);
  const prefix = `.${basename(target)}.`;
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.startsWith(prefix) && name.endsWith(suffix))
    .map((name) => ({
      path: join(folder, name),
      writer: name.slice(prefix.length, -suffix.length),
    }))
    .filter(({ writer }) => ID.test(writer));
}

/** `<process>-<host>-<random>`, or the random name of earlier versions. */
const ID = /^(\d+-[0-9a-f]{8}-[0-9a-f]{8}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Removes temporary files of a target whose writers were killed. */
export async function sweepLeftovers(target: string): Promise<void> {
  for (const { path, writer } of await temporariesOf(target, ".tmp")) {
    const isFile = (await stat(path).catch(() => undefined))?.isFile() ?? false;
    if (isFile && (await isAbandoned(writer, path))) await rm(path, { force: true });
  }
}
