import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DataProblem } from "@engraft/core";
import { compareCodePoints } from "./order.js";
import { reason, unreadable } from "./problems.js";

/** What a folder holds, by name, each list in order of code points. */
export interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Those of `folders` that are symbolic links. */
  readonly links: ReadonlySet<string>;
  /** Entries that are neither, or that cannot be reached. */
  readonly problems: readonly DataProblem[];
}

/** Files that come with data and are not data. Files whose names begin with a dot are passed over too. */
const IGNORED = /^(\.|__MACOSX$|thumbs\.db$|desktop\.ini$|(readme|license|licence)(\.[a-z]+)?$)/i;

/**
 * Lists a folder, following symbolic links. `name` is what messages call it: empty for the folder
 * that the user gave.
 */
export async function listFolder(path: string, name: string): Promise<Listing> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(name || path, reason(error), error);
  });
  const files: string[] = [];
  const folders: string[] = [];
  const links = new Set<string>();
  const problems: DataProblem[] = [];
  entries.sort((a, b) => compareCodePoints(a.name, b.name));
  for (const entry of entries) {
    if (IGNORED.test(entry.name)) continue;
    const where = joinName(name, entry.name);
    try {
      const target = entry.isSymbolicLink() ? await stat(join(path, entry.name)) : entry;
      if (target.isDirectory()) {
        folders.push(entry.name);
        if (target !== entry) links.add(entry.name);
      } else if (target.isFile()) files.push(entry.name);
      else problems.push({ where, what: "is neither a file nor a folder" });
    } catch (error) {
      problems.push({ where, what: reason(error) });
    }
  }
  return { files, folders, links, problems };
}

/** Joins names with `/` on every system, so that messages and sources are the same everywhere. */
export function joinName(folder: string, entry: string): string {
  return folder === "" ? entry : `${folder}/${entry}`;
}
