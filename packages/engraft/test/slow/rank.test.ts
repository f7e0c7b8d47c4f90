import { join } from "node:path";
import { selectBase } from "engraft";
import { beforeAll, describe, expect, it } from "vitest";
import { engraftHere, mails, writeMails } from "../support.js";

let csv: string;

beforeAll(async () => {
  csv = join(await writeMails(), "mails.csv");
});

describe("rank", () => {
  it("measures the stack and every layer of a base on the same examples", async () => {
    const [ranked, ...others] = await selectBase(csv);
    expect(others).toEqual([]);
    expect(ranked).toMatchObject({ base: "minilm-l6", stack: { n: mails.length } });
    // The embeddings, and six blocks.
    expect(ranked!.layers).toHaveLength(7);
    for (const { metrics } of ranked!.layers) expect(metrics.n).toBe(mails.length);
    expect(ranked!.stack.accuracy).toBeGreaterThan(0.7);
    expect(ranked!.millisecondsPerExample).toBeGreaterThan(0);
  });

  it("prints a table, and refuses bases that cannot read the data", async () => {
    const { code, stdout } = await engraftHere(["rank", csv, "--bases", "minilm-l6"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/layer +accuracy +log-loss/);
    expect(stdout).toMatch(/all, stacked +[01]\.\d{3}/);
    const images = await engraftHere(["rank", csv, "--bases", "efficientnet-lite0"]);
    expect(images).toMatchObject({ code: 2, stdout: "" });
    expect(images.stderr).toMatch(/reads images/);
    expect((await engraftHere(["rank", csv, "--bases", "nothing"])).code).toBe(2);
  });
});
