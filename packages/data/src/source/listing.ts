import type { DataProblem } from "@engraft/core/errors";
import { compareCodePoints } from "@engraft/core/internal";
import { unreadable } from "../problems.js";
import { joinName } from "./names.js";
import { type FileSource, type FolderSource, reasonOf } from "./source.js";

/** What a folder holds, each list in order of the code points of the names. */
export interface Listing {
  readonly files: readonly FileSource[];
  readonly folders: readonly FolderSource[];
  /** Entries that are neither, or that cannot be reached. */
  readonly problems: readonly DataProblem[];
}

/** Files that come with data and are not data. Files whose names begin with a dot are passed over too. */
const IGNORED = /^(\.|__MACOSX$|thumbs\.db$|desktop\.ini$|(readme|license|licence)(\.[a-z]+)?$)/i;

/**
 * Lists a folder.
 *
 * @param name - What messages call it: empty for the folder that the user gave.
 * @param given - What messages call that one.
 */
export async function listFolder(
  folder: FolderSource,
  name: string,
  given: string,
): Promise<Listing> {
  const files: FileSource[] = [];
  const folders: FolderSource[] = [];
  const bad: { readonly name: string; readonly problem: string }[] = [];
  try {
    for await (const entry of folder.entries()) {
      if (IGNORED.test(entry.name)) continue;
      if (entry.kind === "file") files.push(entry);
      else if (entry.kind === "folder") folders.push(entry);
      else bad.push(entry);
    }
  } catch (error) {
    throw unreadable(name || given, reasonOf(error), error);
  }
  const byName = (a: { readonly name: string }, b: { readonly name: string }) =>
    compareCodePoints(a.name, b.name);
  const problems = bad
    .sort(byName)
    .map((entry) => ({ where: joinName(name, entry.name), what: entry.problem }));
  return { files: files.sort(byName), folders: folders.sort(byName), problems };
}
