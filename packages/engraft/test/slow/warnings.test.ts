import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadTask, readDataset, train } from "engraft";
import { beforeAll, describe, expect, it } from "vitest";
import { engraft, mails, toCsv, writeFiles } from "../support.js";

/** Half of the texts are longer than 16 tokens; of both labels some look like the other spelling. */
const long = (text: string): string => `<style>${"td { margin: 0 } ".repeat(20)}</style> ${text}`;
const rows = mails.map(([text, label], n): [string, string] => [
  n < 12 ? long(text) : text,
  label === "ham" && n % 3 === 0 ? "\u200bham" : label,
]);
const LOOK_ALIKES = /"ham" \(8 examples\) and "<U\+200B>ham" \(4 examples\)/;
const LONGER =
  /12 of 24 texts are longer than the 16 tokens.* 12 of them have HTML tags.*up to 512/s;

let csv: string;
let path: string;
let warnings: string[];

async function trainHere(): Promise<string[]> {
  const heard: string[] = [];
  const task = await train(csv, {
    output: path,
    views: "last",
    maxTokens: 16,
    onWarning: (warning) => heard.push(warning),
  });
  await task.close();
  return heard;
}

beforeAll(async () => {
  const folder = await writeFiles({ "mails.csv": toCsv(rows) });
  csv = join(folder, "mails.csv");
  path = join(folder, "mails.engraft");
  warnings = await trainHere();
});

describe("train", () => {
  it("says that labels look alike and that texts are longer than the base reads", () => {
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(LOOK_ALIKES);
    expect(warnings[1]).toMatch(LONGER);
  });

  it("says the same when all layers come from the cache", async () => {
    expect(await trainHere()).toEqual(warnings);
  });

  it("keeps what was cut in the task, and reads tasks that do not know it", async () => {
    const file = join(path, "task.json");
    const before = await readFile(file, "utf8");
    const manifest = JSON.parse(before);
    expect(manifest.dataset.truncation).toMatchObject({ texts: 24, truncated: 12, markup: 12 });
    expect(manifest.dataset.truncation.share).toBeGreaterThan(0.5);
    const { truncation: _, overlap: __, ...dataset } = manifest.dataset;
    await writeFile(file, JSON.stringify({ ...manifest, dataset }));
    const task = await loadTask(path);
    expect(task.manifest.dataset.truncation).toBeUndefined();
    await task.close();
    await writeFile(file, before);
  });

  it("says that a test split has training examples", async () => {
    const splits = await writeFiles({
      "train.csv": toCsv(mails.slice(0, 16)),
      "val.csv": toCsv(mails.slice(16)),
      "test.csv": toCsv(
        mails.slice(10, 20).map(([text, label]) => [` ${text.toUpperCase()}`, label]),
      ),
    });
    const { code, stdout, stderr } = await engraft(["train", splits, "--views", "last", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ overlap: { val: 0, test: 6 }, lookAlikeLabels: [] });
    expect(stderr).toMatch(
      /^warning: 6 of 10 examples of the test split are training examples too/,
    );
  });
});

describe("evaluate", () => {
  it("says that it measures on training examples, and how much it did not read", async () => {
    const test = await writeFiles({
      "test.csv": toCsv([...rows.slice(0, 3), ["an unseen text", "spam"]]),
    });
    const data = join(test, "test.csv");
    const { code, stdout, stderr } = await engraft(["evaluate", path, data, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      n: 4,
      trainedOn: 3,
      truncation: { texts: 4, truncated: 3, markup: 3 },
      skipped: [],
    });
    expect(stderr).toMatch(
      /warning: The task was trained on 3 of 4 examples.*warning: 3 of 4 texts/s,
    );
  });

  it("names the label of the task that an unknown one looks like", async () => {
    const data = join(
      await writeFiles({
        "t.csv": toCsv([
          ["a", "HAM"],
          ["b", "spam"],
        ]),
      }),
      "t.csv",
    );
    const refused = await engraft(["evaluate", path, data]);
    expect(refused).toMatchObject({ code: 3, stdout: "" });
    expect(refused.stderr).toMatch(/unknown label "HAM", which looks like the label "ham"/);
    const task = await loadTask(path);
    const { n, trainedOn, skipped } = await task.evaluate(
      await readDataset(data, { purpose: "evaluate" }),
      {
        skipBad: true,
      },
    );
    expect([n, trainedOn]).toEqual([1, 0]);
    expect(skipped).toEqual([{ where: "t.csv:2", what: expect.stringContaining("looks like") }]);
    await task.close();
  });
});

it("compare says what each task was trained on and did not read", async () => {
  const [one, other] = [await loadTask(path), await loadTask(path)];
  const compared = await one.compare(other, await readDataset(csv));
  expect(compared).toMatchObject({ n: 24, trainedOn: [24, 24], truncated: [12, 12] });
  await Promise.all([one.close(), other.close()]);
});

it("predict says it on stderr and beside each answer", async () => {
  const texts = ["short", rows[0]![0]];
  const { code, stdout, stderr } = await engraft(["predict", path, "--json", ...texts]);
  expect(code).toBe(0);
  const [short, cut] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(short).not.toHaveProperty("truncated");
  expect(cut.truncated.read).toBe(14);
  expect(cut.truncated.tokens).toBeGreaterThan(100);
  expect(stderr).toMatch(/^warning: 1 of 2 texts are longer than the 16 tokens/);
});

it("report shows it on the page and returns it", async () => {
  const { output, warnings: said } = await (await loadTask(path)).report();
  expect(said).toEqual(warnings);
  expect(await readFile(output!, "utf8")).toContain("&lt;U+200B");
});

it("relabel says it", async () => {
  const heard: string[] = [];
  const task = await loadTask(path);
  const review = await task.findLabelErrors(csv, { onWarning: (text) => heard.push(text) });
  expect(heard).toEqual(warnings);
  expect(review.lookAlikes).toHaveLength(1);
});

it("extend says that a new label looks like one of the task", async () => {
  const more = await writeFiles({
    "more.csv": toCsv([
      ["a b", "SPAM"],
      ["c d", "SPAM"],
    ]),
  });
  const heard: string[] = [];
  const task = await loadTask(path);
  const { extension } = await task.extend(join(more, "more.csv"), {
    output: join(more, "next.engraft"),
    onWarning: (warning) => heard.push(warning),
  });
  expect(extension!.newLabels).toEqual(["SPAM"]);
  expect(heard[0]).toMatch(/"SPAM" \(2 examples\) and "spam" \(12 examples\)/);
});
