import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "@engraft/core";
import { loadTask } from "engraft";
import { describe, expect, it } from "vitest";
import { writeFiles } from "./support.js";

const FIXTURES = fileURLToPath(new URL("fixtures/tasks", import.meta.url));

/** Texts, with the label and the probability of spam that the code predicted which wrote the tasks. */
const PREDICTED: readonly (readonly [text: string, label: string, spam: number])[] = [
  ["Claim your free million dollars now", "spam", 0.9992984689584956],
  ["Could you merge my patch before the meeting?", "ham", 0.0007937795526511901],
  ["Thank you for the prize", "spam", 0.5730199435773211],
];

/** A copy of an old task, which may be replaced. */
async function copyOf(name: string): Promise<string> {
  const task = join(await writeFiles({}), "old.engraft");
  await cp(join(FIXTURES, name), task, { recursive: true });
  return task;
}

describe.each(["without-examples", "with-examples"])("a task of version 0.1.0 %s", (name) => {
  it("predicts what it predicted then", async () => {
    await using task = await loadTask(join(FIXTURES, name));
    const predictions = await task.predict(PREDICTED.map(([text]) => text));
    expect(predictions.map(({ label }) => label)).toEqual(PREDICTED.map(([, label]) => label));
    for (const [index, [, , spam]] of PREDICTED.entries()) {
      const { probabilities } = predictions[index]!;
      expect(probabilities.spam).toBeCloseTo(spam, 6);
      expect(probabilities.ham).toBeCloseTo(1 - spam, 6);
    }
    expect(task.metrics.accuracy).toBeCloseTo(0.889, 3);
  });
});

describe("a task of version 0.1.0 with examples", () => {
  const tickets = [
    ["the login page shows an error", "ticket"],
    ["my password does not work any more", "ticket"],
    ["error 500 when I log in", "ticket"],
  ] as const;

  it("is extended, and saved as tasks are today", async () => {
    const path = await copyOf("with-examples");
    await using old = await loadTask(path, { outliers: true });
    await using extended = await old.extend(tickets, { output: path });
    expect(extended.extension).toMatchObject({ added: 3, newLabels: ["ticket"] });
    await using task = await loadTask(path);
    expect(task.labels).toEqual(["ham", "spam", "ticket"]);
    expect(task.manifest.dataset).toMatchObject({
      examples: 15,
      overlap: {},
      truncation: { texts: 15, truncated: 0 },
    });
    const texts = [...PREDICTED.slice(0, 2).map(([text]) => text), "error when I log in"];
    const labels = (await task.predict(texts)).map(({ label }) => label);
    expect(labels).toEqual(["spam", "ham", "ticket"]);
    const examples = (await readFile(join(path, "examples.jsonl"), "utf8")).trim().split("\n");
    expect(examples).toHaveLength(15);
  });

  it("is evaluated without its own examples being taken for new ones", async () => {
    await using task = await loadTask(join(FIXTURES, "with-examples"));
    const evaluation = await task.evaluate(join(FIXTURES, "mails.csv"));
    expect(evaluation).toMatchObject({ n: 12, trainedOn: 12, accuracy: 1 });
  });
});

it("a task of version 0.1.0 without examples says what it cannot be extended for", async () => {
  await using task = await loadTask(join(FIXTURES, "without-examples"));
  const extending = task.extend([["error 500", "ticket"]]);
  await expect(extending).rejects.toThrow(UsageError);
  await expect(extending).rejects.toThrow(/keeps no examples/);
});
