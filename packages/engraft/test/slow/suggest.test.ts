import { join } from "node:path";
import { loadTask, train } from "engraft";
import { beforeAll, describe, expect, it } from "vitest";
import { engraftHere, writeMails } from "../support.js";

const unlabelled = [
  "win a free prize today",
  "the meeting is on monday",
  "free lunch for the team, click here",
  "free lunch for the team, click here!",
  "the report of the lottery",
];

let task: string;

beforeAll(async () => {
  const folder = await writeMails();
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
    expect(printed).toHaveLength(2);
    expect(Object.keys(printed[0])).toEqual([
      "source",
      "text",
      "label",
      "probability",
      "uncertainty",
    ]);
    expect(unlabelled).toContain(printed[0].text);
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
  });
});
