import { readFile, stat } from "node:fs/promises";
import { UsageError } from "@engraft/core/errors";

/**
 * Makes sure that a file can take a place: nothing is there, or a file that Engraft wrote before.
 *
 * @param what - What is to be written, for the message: "a report".
 * @param isOurs - Tells by its bytes whether Engraft wrote a file of this kind.
 * @throws UsageError when something else is there.
 */
export async function requireReplaceableFile(
  path: string,
  what: string,
  isOurs: (bytes: Uint8Array) => boolean,
): Promise<void> {
  const entry = await stat(path).catch(() => undefined);
  if (entry === undefined) return;
  if (entry.isFile() && (entry.size === 0 || isOurs(await readFile(path)))) return;
  throw new UsageError(
    `${path} exists and is not ${what} that Engraft wrote. It stays as it is: choose another place, or move it away.`,
  );
}
