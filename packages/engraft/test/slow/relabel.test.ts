import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  applyCorrections,
  type DataSource,
  type LabelReview,
  loadTask,
  readDataset,
  train,
} from "engraft";
import { beforeAll, describe, expect, it } from "vitest";
import { engraftHere, mails, toCsv, writeFiles, writeImages } from "../support.js";

/** Rows of the mails whose labels are wrong, and where they come to stand in the file. */
const WRONG = [6, 11];
const SOURCES = WRONG.map((row) => `mails.csv:${row + 2}`);

const noisy = mails.map(([text, label], row) => {
  const other = label === "spam" ? "ham" : "spam";
  return [text, WRONG.includes(row) ? other : label] as const;
});

let folder: string;
let data: string;
let task: string;

beforeAll(async () => {
  folder = await writeFiles({
    "mails.csv": toCsv(noisy),
    "mails.json": JSON.stringify(noisy.map(([text, label]) => ({ text, label }))),
  });
  data = join(folder, "mails.csv");
  task = join(folder, "mails.engraft");
  await (await train(data, { output: task })).close();
});

async function findLabelErrors(source: DataSource): Promise<LabelReview> {
  await using loaded = await loadTask(task);
  return loaded.findLabelErrors(source);
}

describe("likely label errors", () => {
  it("are found, the worst first, with the labels that they should have", async () => {
    const { labels, examples, suspects } = await findLabelErrors(data);
    expect(labels).toEqual(["ham", "spam"]);
    expect(examples).toBe(mails.length);
    const worst = suspects.slice(0, WRONG.length);
    expect(worst.map(({ source }) => source).sort()).toEqual([...SOURCES].sort());
    for (const { input, suggested, neighboursDisagreeing } of worst) {
      const [, right] = mails.find(([text]) => input.kind === "text" && text === input.text)!;
      expect(suggested).toBe(right);
      expect(neighboursDisagreeing).toBeGreaterThanOrEqual(0.5);
    }
  });

  it("are judged with labels that the task does not know", async () => {
    const renamed = noisy.map(
      ([text, label]) => [text, label === "spam" ? "junk" : label] as const,
    );
    const other = join(await writeFiles({ "mails.csv": toCsv(renamed) }), "mails.csv");
    const { suspects } = await findLabelErrors(other);
    expect(suspects.slice(0, 2).map(({ source }) => source)).toEqual(
      expect.arrayContaining(SOURCES),
    );
    expect(suspects.map(({ suggested }) => suggested)).toContain("junk");
  });

  it("need data of the kind that the task reads", async () => {
    const images = await readDataset(await writeImages());
    await expect(findLabelErrors(images)).rejects.toThrow("reads texts");
  });
});

describe("engraft relabel", () => {
  const relabel = (...parameters: string[]) =>
    engraftHere(["relabel", data, "--from", task, "--quiet", ...parameters]);

  it("prints the list where there is no terminal, and writes nothing", async () => {
    const plain = await relabel();
    expect(plain).toMatchObject({ code: 0, stderr: "" });
    const lines = plain.stdout.trimEnd().split("\n");
    expect(lines[0]!.split("\t")).toHaveLength(6);
    expect(SOURCES).toContain(lines[0]!.split("\t")[0]);
    const json = (await relabel("--json")).stdout.trimEnd().split("\n");
    expect(json).toHaveLength(lines.length);
    expect(Object.keys(JSON.parse(json[0]!))).toEqual([
      "source",
      "text",
      "given",
      "suggested",
      "score",
      "probability",
      "neighboursDisagreeing",
    ]);
    await expect(stat(join(folder, "mails.relabelled.csv"))).rejects.toThrow("ENOENT");
  });

  it("takes the suggestions that are probable enough, and leaves the data as it is", async () => {
    const before = await readFile(data, "utf8");
    const [first, ...others] = (await findLabelErrors(data)).suspects;
    const limit = first!.probabilityOfSuggested;
    expect(others.every(({ probabilityOfSuggested }) => probabilityOfSuggested < limit)).toBe(true);
    const output = join(folder, "cleaned.csv");
    const { code, stdout } = await relabel("--accept", String(limit), "-o", output);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(await readFile(data, "utf8")).toBe(before);
    const line = Number(first!.source.split(":")[1]);
    const expected = before.split("\n");
    expected[line - 1] = expected[line - 1]!.replace(`"${first!.given}"`, `"${first!.suggested}"`);
    expect(await readFile(output, "utf8")).toBe(expected.join("\n"));
  });

  it("writes over nothing, and says so before the work", async () => {
    const taken = await relabel("--accept", "0", "-o", data);
    expect(taken).toMatchObject({ code: 2, stdout: "" });
    expect(taken.stderr).toContain("is there already");
  });

  it("refuses a place for a file that it would not write", async () => {
    const { code, stderr } = await relabel("--list", "-o", join(folder, "new.csv"));
    expect(code).toBe(2);
    expect(stderr).toContain("--accept");
  });

  it("refuses what is not a task, and what is not a share", async () => {
    expect((await engraftHere(["relabel", data, "--from", data])).code).toBe(2);
    expect((await relabel("--accept", "2")).code).toBe(2);
    expect((await relabel("--accept", "0.9", "--list")).code).toBe(2);
  });
});

it("corrections of what cannot be copied are a list of their own", async () => {
  const output = join(folder, "corrections.csv");
  const corrections = [
    { source: "mails.parquet:7", given: "ham", label: "spam" },
    { source: "a, b/1.jpg", given: "x", label: "y" },
    { source: "=1+1/2.jpg", given: "@SUM(A1)", label: "-1" },
  ];
  await applyCorrections(join(folder, "mails.parquet"), corrections, output);
  expect(await readFile(output, "utf8")).toBe(
    "source,given,label\nmails.parquet:7,ham,spam\n\"a, b/1.jpg\",x,y\n'=1+1/2.jpg,'@SUM(A1),-1\n",
  );
});
