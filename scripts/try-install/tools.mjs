// Fetches versions of Node and package managers as packages of the npm registry, each into a folder of
// its own that is kept for the next run.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** @returns The path of a program of a package, such as `node@22`. */
export function fetchTool(folder, spec, bin) {
  const place = join(folder, spec.replace(/[^\w.-]+/g, "-"));
  const name = spec.replace(/(?<=.)@[^@]*$/, "");
  const home = join(place, "node_modules", name);
  if (!existsSync(home)) {
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "package.json"), "{}\n");
    // These packages put their programs in place by a script.
    const args = ["install", "--ignore-scripts=false", "--no-audit", "--no-fund", spec];
    execFileSync("npm", args, { cwd: place, stdio: ["ignore", "ignore", "ignore"] });
  }
  if (name === "node" || name === "bun") return join(place, "node_modules/.bin", bin);
  const { bin: bins } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  return join(home, typeof bins === "string" ? bins : bins[bin]);
}
