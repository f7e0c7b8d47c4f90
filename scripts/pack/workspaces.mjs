// The workspace packages of this repository, read from its manifest.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** @returns {{ name: string, folder: string, manifest: Record<string, any> }[]} Private ones are left out. */
export function workspaces() {
  return readJson(join(ROOT, "package.json"))
    .workspaces.flatMap((pattern) => foldersOf(pattern))
    .map((folder) => {
      const manifest = readJson(join(ROOT, folder, "package.json"));
      return { name: manifest.name, folder, manifest };
    })
    .filter(({ manifest }) => !manifest.private);
}

/** The folders with a manifest that `packages/*`, or a path without a star, names. */
function foldersOf(pattern) {
  if (!pattern.endsWith("/*")) return [pattern];
  const parent = pattern.slice(0, -2);
  return readdirSync(join(ROOT, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(join(ROOT, folder, "package.json")));
}
