import type { DataProblem } from "@engraft/core/errors";
import { compareCodePoints } from "@engraft/core/predict";
import { unreadable } from "../problems.js";
import { joinName } from "./names.js";
import { type FileSource, type FolderSource, type NamedFolder, reasonOf } from "./source.js";

/** What a folder holds, by name, each list in order of code points. */
export interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly fileOf: ReadonlyMap<string, FileSource>;
  readonly folderOf: ReadonlyMap<string, FolderSource>;
  /** Entries that are neither, or that cannot be reached. */
  readonly problems: readonly DataProblem[];
}

/** Files that come with data and are not data. Files whose names begin with a dot are passed over too. */
const IGNORED = /^(\.|__MACOSX$|thumbs\.db$|desktop\.ini$|(readme|license|licence)(\.[a-z]+)?$)/i;

/**
 * Lists a folder.
 *
 * @param folder - Its name is what messages call it: empty for the folder that the user gave.
 */
export async function listFolder({ source, name }: NamedFolder): Promise<Listing> {
  const fileOf = new Map<string, FileSource>();
  const folderOf = new Map<string, FolderSource>();
  const problemOf = new Map<string, string>();
  try {
    for await (const entry of source.entries()) {
      if (IGNORED.test(entry.name)) continue;
      if (entry.kind === "file") fileOf.set(entry.name, entry);
      else if (entry.kind === "folder") folderOf.set(entry.name, entry);
      else problemOf.set(entry.name, entry.problem);
    }
  } catch (error) {
    throw unreadable(name || source.path, reasonOf(error), error);
  }
  const problems = sorted(problemOf).map((entry) => ({
    where: joinName(name, entry),
    what: problemOf.get(entry)!,
  }));
  return { files: sorted(fileOf), folders: sorted(folderOf), fileOf, folderOf, problems };
}

function sorted(entries: ReadonlyMap<string, unknown>): string[] {
  return [...entries.keys()].sort(compareCodePoints);
}
