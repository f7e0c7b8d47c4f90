import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pack } from "../pack/pack.mjs";
import { readJson } from "../pack/workspaces.mjs";

/**
 * Lays what is published into a folder of modules; what it depends on is left to the node_modules around
 * the folder.
 *
 * @param {string} modules
 * @param {string} [packs] Folder that `pack` has filled; by default everything is packed for this.
 */
export async function installPacked(modules, packs) {
  if (packs === undefined) {
    const packed = join(modules, ".packs");
    await pack(packed, { thisPlatform: true });
    await installPacked(modules, packed);
    await rm(packed, { recursive: true });
    return;
  }
  for (const archive of readdirSync(packs).filter((name) => name.endsWith(".tgz"))) {
    const unpacked = join(modules, ".unpacked");
    await mkdir(unpacked);
    const words = ["-xzf", join(packs, archive), "-C", unpacked, "--strip-components", "1"];
    execFileSync("tar", words);
    const folder = join(modules, readJson(join(unpacked, "package.json")).name);
    await mkdir(dirname(folder), { recursive: true });
    await rename(unpacked, folder);
  }
}
