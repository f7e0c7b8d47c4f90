/** The extension of a file name in lower case, with its dot: `.csv`; empty where there is none. */
export function extensionOf(name: string): string {
  return splitName(name)[1].toLowerCase();
}

/** A file name without its extension. */
export function stemOf(name: string): string {
  return splitName(name)[0];
}

/** A name in two: a dot at its beginning begins no extension. */
function splitName(name: string): [stem: string, extension: string] {
  const last = baseName(name);
  const dot = last.lastIndexOf(".");
  return dot <= 0 ? [last, ""] : [last.slice(0, dot), last.slice(dot)];
}

/** The last name of a path with slashes of either kind. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Joins names with `/` on every system, so that messages and sources are the same everywhere. */
export function joinName(folder: string, entry: string): string {
  return folder === "" ? entry : `${folder}/${entry}`;
}

/**
 * A relative path without `.`, `..` and empty names; `undefined` where it leads out of the folder that
 * it begins in, or is empty.
 */
export function normalPath(path: string): string | undefined {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.pop() === undefined) return undefined;
  }
  return names.length === 0 ? undefined : names.join("/");
}
