import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadTask, suggest, train } from "engraft";
import { beforeAll, describe, expect, it } from "vitest";
import { drawImage, engraftHere, mails, writeFiles, writeMails } from "../support.js";

const unlabelled = [
  "win a free prize today",
  "the meeting is on monday",
  "free lunch for the team, click here",
  "free lunch for the team, click here!",
  "the report of the lottery",
];

let task: string;
let folder: string;

beforeAll(async () => {
  folder = await writeMails();
  task = join(folder, "mails.engraft");
  await (await train(join(folder, "mails.csv"), { output: task })).close();
});

describe("suggest", () => {
  it("names what is unclear first, with what the task would say", async () => {
    await using loaded = await loadTask(task);
    const { suggested: chosen } = await loaded.suggest(unlabelled, { count: 5 });
    expect(chosen).toHaveLength(5);
    const [first] = chosen;
    const most = Math.max(...chosen.map(({ uncertainty }) => uncertainty));
    expect(first!.uncertainty).toBe(most);
    for (const { prediction, uncertainty } of chosen) {
      const [p, q] = Object.values(prediction.probabilities);
      expect(uncertainty).toBeCloseTo(1 - Math.abs(p! - q!), 6);
    }
  });

  it("prints lines, or one object a line", async () => {
    const { code, stdout } = await engraftHere([
      "suggest",
      "--from",
      task,
      "-n",
      "2",
      "--json",
      ...unlabelled,
    ]);
    expect(code).toBe(0);
    const printed = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(printed).toHaveLength(3);
    expect(Object.keys(printed[0])).toEqual([
      "source",
      "text",
      "label",
      "probability",
      "uncertainty",
    ]);
    expect(unlabelled).toContain(printed[0].text);
    expect(printed[2]).toEqual({ next: expect.objectContaining({ labels: 2 }) });
    const plain = await engraftHere(["suggest", "--from", task, "-n", "1", ...unlabelled]);
    expect(plain.stdout.trimEnd().split("\t")).toHaveLength(4);
  });

  it("refuses what is not a task, and what is not there", async () => {
    const noTask = await engraftHere(["suggest", "--from", join(task, "task.json"), "x"]);
    expect(noTask).toMatchObject({ code: 2, stdout: "" });
    const odd = await engraftHere(["suggest", "--from", task, "-n", "0", "x"]);
    expect(odd.code).toBe(2);
    await using loaded = await loadTask(task);
    await expect(loaded.suggest([])).rejects.toThrow("no inputs");
    await expect(loaded.suggest(["x"], { count: 0 })).rejects.toThrow("above 0, not 0");
    const both = await engraftHere(["suggest", "--from", task, "--base", "minilm-l6", "x"]);
    expect(both).toMatchObject({ code: 2, stdout: "" });
    expect(both.stderr).toContain("--base cannot be given with --from");
  });

  it("passes over what has a label, and copies of what the task was trained on", async () => {
    await using loaded = await loadTask(task);
    const inputs = [
      ...unlabelled,
      "WIN a free  prize now",
      { source: "row 7", input: { kind: "text", text: "something new" }, label: "ham" } as const,
    ];
    const { suggested, passedOver } = await loaded.suggest(inputs, { forecast: false });
    expect(passedOver).toBe(2);
    expect(suggested.map(({ source }) => source).sort()).toEqual([...unlabelled].sort());
    await expect(loaded.suggest(["win a free prize now"])).rejects.toThrow(
      "All 1 inputs have a label",
    );
  });

  it("says what more labels will bring, or why that cannot be known", async () => {
    await using loaded = await loadTask(task);
    const { next } = await loaded.suggest(unlabelled, { count: 3 });
    expect(next).toMatchObject({ labels: 3, mixUps: expect.any(Array), step: expect.any(String) });
    expect(next!.forecast === undefined).toBe(next!.unknown !== undefined);
    const { next: none } = await loaded.suggest(unlabelled, { count: 3, forecast: false });
    expect(none).toBeUndefined();
    const { stderr } = await engraftHere(["suggest", "--from", task, "-n", "1", ...unlabelled]);
    expect(stderr).toMatch(
      /With 1 more label: accuracy|What 1 more label will bring cannot be known/,
    );
  });

  it("chooses by clusters while there are few examples of each label", async () => {
    await using small = await train([...mails.slice(0, 6)], { seed: 1 });
    const rest = mails.slice(6).map(([text]) => text);
    const { suggested, chosenBy } = await small.suggest(rest, { count: 4, forecast: false });
    expect(chosenBy).toBe("typical");
    expect(suggested.map(({ cluster }) => cluster)).toEqual([1, 2, 3, 4]);
    expect(suggested[0]!.prediction.label).toMatch(/ham|spam/);
  });
});

describe("suggest without a task", () => {
  const texts = mails.map(([text]) => text);

  it("chooses a typical input of each cluster", async () => {
    const found = await suggest([...texts, texts[0]!.toUpperCase()], { count: 4 });
    expect(found).toMatchObject({ modality: "text", base: "minilm-l6", inputs: 25, copies: 1 });
    expect(found.suggested.map(({ cluster }) => cluster)).toEqual([1, 2, 3, 4]);
    const stood = found.suggested.map(({ standsFor }) => standsFor);
    expect(stood).toEqual([...stood].sort((a, b) => b - a));
    expect(stood.reduce((sum, count) => sum + count, 0)).toBe(25);
    const again = await suggest([...texts, texts[0]!.toUpperCase()], { count: 4 });
    expect(again).toEqual(found);
  });

  it("leaves out clusters that have a label", async () => {
    const rows = texts.map((text, row) => `"${text}",${row < 2 ? "spam" : ""}`);
    await writeFile(join(folder, "part.csv"), ["text,label", ...rows].join("\n"));
    const { code, stdout, stderr } = await engraftHere([
      ...["suggest", join(folder, "part.csv"), "-n", "3", "--json"],
    ]);
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(3);
    expect(Object.keys(lines[0])).toEqual(["source", "text", "cluster", "standsFor"]);
    for (const { text } of lines) expect(texts.slice(2)).toContain(text);
    expect(stderr).toContain("3 typical texts, one of each of 3 clusters");
    expect(stderr).toContain("Have a label already, and cover their clusters: 2 (spam 2).");
  });

  it("takes images, and more than there are", async () => {
    const images = await writeFiles({
      "a.jpg": await drawImage("stand", 1),
      "b.jpg": await drawImage("stand", 1),
      "c.jpg": await drawImage("lie", 9),
    });
    const { code, stdout, stderr } = await engraftHere(["suggest", images, "-n", "5"]);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).toContain("Copies of others, or nearly so, passed over: 1.");
    expect(stderr).toContain("Asked for were 5");
    const wrong = await engraftHere(["suggest", images, "--base", "minilm-l6"]);
    expect(wrong.code).not.toBe(0);
    expect(wrong.stdout).toBe("");
  });

  it.for([
    [["gone.csv"], 3, "does not exist"],
    [["mails.csv", "-n", "0"], 2, "above 0"],
    [["mails.csv"], 3, "All 24 inputs have a label already"],
    [["mails.csv", "--text", "body"], 3, 'there is no column "body"'],
    [["mails.csv", "--label", "topic"], 3, 'there is no column "topic"'],
    [["empty.csv"], 3, "the text is empty"],
    [["mails.csv", "--base", "nothing"], 2, 'There is no base model "nothing"'],
    [["mails.csv", "--preprocess", "imagenet"], 2, "Leave preprocess out"],
    [["mails.csv", "photo.txt"], 3, "does not exist"],
  ] as const)("refuses %j", async ([[file, ...others], code, message]) => {
    await writeFile(join(folder, "empty.csv"), 'text\none\n" "\n');
    const there = ["mails.csv", "empty.csv"];
    const at = (name: string) => (there.includes(name) ? join(folder, name) : name);
    const ended = await engraftHere(["suggest", at(file), ...others.map(at)]);
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).not.toContain("    at ");
  });

  it("goes on without inputs that cannot be read, and stops when it is told to", async () => {
    await writeFile(join(folder, "holes.csv"), 'text\none\n" "\ntwo\nthree\n');
    const holes = join(folder, "holes.csv");
    const { stderr, stdout } = await engraftHere(["suggest", holes, "-n", "2", "--skip-bad"]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).toContain("the text is empty");
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(suggest(texts, { signal })).rejects.toThrow("stopped");
    await expect(suggest(texts, { count: 1.5 })).rejects.toThrow("above 0, not 1.5");
    const mixed = [texts[0]!, await drawImage("lie", 2)];
    await expect(suggest(mixed)).rejects.toThrow("mix texts and images");
  });
});
