import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { NODE_ERRORS } from "./node-errors.js";

it("every error class of the packages for Node keeps its class between threads", () => {
  const packages = join(import.meta.dirname, "../../../..");
  const classes = readdirSync(packages, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => errorClassesIn(join(packages, name, "src")));
  expect(classes).toContain("OutputError");
  expect(classes.filter((name) => !NODE_ERRORS.has(name))).toEqual([]);
});

/** Names of the classes below a folder that extend another error than `Error`. */
function errorClassesIn(folder: string): string[] {
  return (
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => /(?<!\.test)\.ts$/.test(path))
      // What serves tasks stays on the thread that answers HTTP, as do its errors.
      .filter((path) => !/^(http|serving)\//.test(path))
      .map((path) => readFileSync(join(folder, path), "utf8"))
      .flatMap((source) => [...source.matchAll(/class (\w+) extends (\w*Error)\b/g)])
      .filter(([, , parent]) => parent !== "Error")
      .map(([, name]) => name!)
  );
}
