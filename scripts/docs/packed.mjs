import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Lays the packages of the workspace into a folder of modules, as npm would publish them; what they
 * depend on is left to the node_modules around it.
 */
export async function installPacked(root, modules) {
  const packed = join(modules, ".packed");
  await mkdir(packed, { recursive: true });
  const { stdout } = packAll(root, packed);
  for (const { name, filename } of JSON.parse(stdout)) {
    const folder = join(modules, name);
    await mkdir(folder, { recursive: true });
    const archive = join(packed, filename.replace("@", "").replace("/", "-"));
    execFileSync("tar", ["-xzf", archive, "-C", folder, "--strip-components", "1"]);
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  }
  await rm(packed, { recursive: true });
}

function packAll(root, destination) {
  const args = ["pack", "--workspaces", "--json", "--silent", "--pack-destination", destination];
  return {
    stdout: execFileSync("npm", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 }),
  };
}
