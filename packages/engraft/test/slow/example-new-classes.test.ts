import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";

const script = fileURLToPath(
  new URL("../../../../examples/dist/new-classes/run.js", import.meta.url),
);
const folder = await mkdtemp(join(tmpdir(), "engraft-example-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Passes over the labelled images that the example makes when it is quick. */
const EPOCHS = 6;

it("examples/new-classes transfers layers and shows the learning curves of both networks", async () => {
  const svg = join(folder, "curves.svg");
  const { stdout } = await promisify(execFile)(process.execPath, [script, "--quick", "--svg", svg]);

  const rows = stdout.match(/^\d+ +[01]\.\d{3} ± 0\.\d{3} +[01]\.\d{3} ± 0\.\d{3}/gm);
  expect(rows).toHaveLength(EPOCHS);
  // What is transferred is frozen: the head alone is trainable.
  expect(stdout).toMatch(/^block1\.conv2d .* no$/m);
  expect(stdout).toMatch(/^predictions .* yes$/m);

  const plot = await readFile(svg, "utf8");
  const lines = Array.from(plot.matchAll(/<polyline points="([^"]+)"/g), ([, points]) => points!);
  expect(lines).toHaveLength(2);
  for (const points of lines) expect(points.split(" ")).toHaveLength(EPOCHS);
  expect(plot).not.toMatch(/NaN|undefined/);
});
