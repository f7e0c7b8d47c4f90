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
