import { DataError } from "@engraft/core/errors";
import type { Prediction, SharedBackbone, TaskPredictor } from "@engraft/tasks/predict";
import { describe, expect, it } from "vitest";
import { OverloadedError, UnreadableInputsError } from "../errors.js";
import { textInput } from "../inputs/priced-input.js";
import { ask } from "./ask.js";
import { Lane } from "./lane.js";

const LIMITS = { maxBatch: 8, maxWait: 0, maxQueue: 10, maxDelay: 60_000 };
const observer = { startBatch: () => () => {} };
const never = () => new AbortController().signal;

/** A backbone whose every consumer gives back the texts that it was asked about. Texts with a `?` are unreadable. */
function createLane() {
  const passes: (readonly string[])[] = [];
  const backbone = {
    async run(
      inputs: readonly { readonly text: string }[],
      asked: readonly { readonly rows: Int32Array }[],
    ) {
      const texts = inputs.map(({ text }) => text);
      passes.push(texts);
      const unreadable = new Map<number, DataError>();
      for (const [row, text] of texts.entries()) {
        if (text.includes("?"))
          unreadable.set(row, new DataError("data/invalid", `${text} is bad`));
      }
      const answers = asked.map(({ rows }) => Array.from(rows, (row) => texts[row]));
      return { answers, unreadable, lengths: undefined };
    },
  };
  const lane = new Lane(backbone as unknown as SharedBackbone, LIMITS, observer, undefined);
  return { lane, passes };
}

/** A task whose label for an input is its own name and the input. */
function createTask(name: string, lane: Lane) {
  const predictor = {
    readers: [{}],
    toPrediction: ([texts]: readonly (readonly string[])[], index: number) => ({
      label: `${name} ${texts![index]}`,
    }),
  };
  return { predictor: predictor as unknown as TaskPredictor, lane };
}

const labelsOf = (predictions: readonly Prediction[]) => predictions.map(({ label }) => label);

describe("tasks that are asked", () => {
  it("answer in their order, on one lane in one pass", async () => {
    const [first, second] = [createLane(), createLane()];
    const tasks = [
      createTask("a", first.lane),
      createTask("b", second.lane),
      createTask("c", first.lane),
    ];
    const answers = await ask(tasks, [textInput("x"), textInput("y")], never());
    expect(answers.map(labelsOf)).toEqual([
      ["a x", "a y"],
      ["b x", "b y"],
      ["c x", "c y"],
    ]);
    expect([first.passes, second.passes]).toEqual([[["x", "y"]], [["x", "y"]]]);
  });

  it("of several requests share a pass, and each answers its own", async () => {
    const { lane, passes } = createLane();
    const [a, b] = [createTask("a", lane), createTask("b", lane)];
    const answers = await Promise.all([
      ask([a], [textInput("x")], never()),
      ask([b, a], [textInput("y"), textInput("z")], never()),
      ask([b], [textInput("w")], never()),
    ]);
    expect(answers.map((each) => each.map(labelsOf))).toEqual([
      [["a x"]],
      [
        ["b y", "b z"],
        ["a y", "a z"],
      ],
      [["b w"]],
    ]);
    expect(passes.map((texts) => texts.toSorted())).toEqual([["w", "x", "y", "z"]]);
  });

  it("refuse a request with every input that cannot be decoded, and no other request", async () => {
    const { lane } = createLane();
    const task = createTask("a", lane);
    const [refused, answered] = await Promise.allSettled([
      ask([task], [textInput("1?"), textInput("x"), textInput("2?")], never()),
      ask([task], [textInput("y")], never()),
    ]);
    const inputs = [
      { index: 0, what: "1? is bad" },
      { index: 2, what: "2? is bad" },
    ];
    expect(refused).toMatchObject({ reason: expect.any(UnreadableInputsError) });
    expect(refused).toMatchObject({ reason: { code: "serving/unreadable-inputs", inputs } });
    expect(answered).toMatchObject({ value: [[{ label: "a y" }]] });
  });
});

it("a lane has room for what may wait and no more", async () => {
  const { lane } = createLane();
  lane.requireRoom(10);
  expect(() => lane.requireRoom(11)).toThrow(OverloadedError);
});
