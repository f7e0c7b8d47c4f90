import { describe, expect, it } from "vitest";
import type { Matrix32 } from "../math/matrix.js";
import { plainLinearAlgebra } from "../math/plain-linear-algebra.js";
import { createRandom } from "../random/random.js";
import { chooseTypical, type TypicalRowsOptions } from "./typical-rows.js";

/** Unit vectors in the plane, by their angle in degrees. */
const directions = (...degrees: number[]): Matrix32 => ({
  rows: degrees.length,
  cols: 2,
  data: Float32Array.from(
    degrees.flatMap((d) => [Math.cos((d * Math.PI) / 180), Math.sin((d * Math.PI) / 180)]),
  ),
});

/** Groups of 5, 4 and 3 rows; their middle rows are 2, 6 and 10. */
const heaps = directions(0, 2, 3, 4, 7, 119, 120, 121, 124, 236, 240, 243);

const choose = (options: Partial<TypicalRowsOptions>) =>
  chooseTypical({
    embeddings: heaps,
    isLabelled: new Uint8Array(options.embeddings?.rows ?? heaps.rows),
    count: 3,
    linearAlgebra: plainLinearAlgebra,
    random: createRandom(2),
    ...options,
  });

const labelled = (...rows: number[]) =>
  Uint8Array.from({ length: heaps.rows }, (_, row) => Number(rows.includes(row)));

describe("typical rows", () => {
  it("are one of each cluster, those of large clusters first", async () => {
    expect(await choose({})).toEqual([
      { row: 2, cluster: 1, size: 5 },
      { row: 6, cluster: 2, size: 4 },
      { row: 10, cluster: 3, size: 3 },
    ]);
  });

  it("are of clusters without a labelled row", async () => {
    const isLabelled = labelled(0, 11);
    const chosen = await choose({ isLabelled, count: 1 });
    expect(chosen).toEqual([{ row: 6, cluster: 1, size: 4 }]);
  });

  it("stand for the examples of their cluster", async () => {
    const examples = new Int32Array(heaps.rows).fill(1);
    examples[10] = 9;
    const [first] = await choose({ examples });
    expect(first).toEqual({ row: 10, cluster: 1, size: 11 });
  });

  it("are of clusters with the fewest chosen or labelled rows, where each has one", async () => {
    const many = Int32Array.from({ length: 1100 }, (_, row) => 0.1 * row);
    const chosen = await choose({ embeddings: directions(...many), count: 1050 });
    expect(new Set(chosen.map(({ row }) => row)).size).toBe(1050);
    const first = chosen.slice(0, 900).map(({ cluster }) => cluster);
    expect(Math.max(...first)).toBe(new Set(first).size);
  });

  it("are all that there are without a label, and no more", async () => {
    const chosen = await choose({ count: 50, isLabelled: labelled(4) });
    expect(chosen.map(({ row }) => row).sort((a, b) => a - b)).toEqual(
      [...heaps.data.keys()].slice(0, heaps.rows).filter((row) => row !== 4),
    );
    expect(await choose({ isLabelled: new Uint8Array(heaps.rows).fill(1) })).toEqual([]);
  });

  it("are found among some of the rows of a large cluster", async () => {
    const random = createRandom(1);
    const spread = Array.from({ length: 5000 }, () => 20 * random.normal());
    const [chosen] = await choose({ embeddings: directions(...spread), count: 1 });
    expect(Math.abs(spread[chosen!.row]!)).toBeLessThan(20);
    expect(chosen!.size).toBe(5000);
  });

  it("are not looked for any longer when it is told to stop", async () => {
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(choose({ signal })).rejects.toThrow("stopped");
  });
});
