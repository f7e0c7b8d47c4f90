import { execFileSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pack } from "../pack/pack.mjs";

/**
 * Lays what is published into a folder of modules; what it depends on is left to the node_modules around
 * the folder.
 */
export async function installPacked(modules) {
  const packs = join(modules, ".packs");
  for (const [name, archive] of await pack(packs, { thisPlatform: true })) {
    const folder = join(modules, name);
    await mkdir(folder, { recursive: true });
    execFileSync("tar", ["-xzf", archive, "-C", folder, "--strip-components", "1"]);
  }
  await rm(packs, { recursive: true });
}
