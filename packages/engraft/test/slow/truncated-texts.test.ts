import { evaluate, fit, layers, loadModel, predict, readDataset } from "engraft";
import { describe, expect, it } from "vitest";
import { writeFiles } from "../support.js";

describe("texts that are longer than a model reads", () => {
  it("are counted by fit, predict and evaluate", async () => {
    const base = await loadModel("minilm-l6");
    base.trainable = false;
    const model = base.cut("features").append([layers.dense(2)]);
    const long = `<div>${"word ".repeat(509)}</div>`;
    const folder = await writeFiles({
      "train.jsonl": [
        ["short", "a"],
        ["brief", "a"],
        [long, "b"],
        ["terse", "b"],
      ]
        .map(([text, label]) => JSON.stringify({ text, label }))
        .join("\n"),
    });
    const data = await readDataset(`${folder}/train.jsonl`);
    const heard: string[] = [];
    const onWarning = (message: string) => heard.push(message);
    const truncations: unknown[] = [];
    await fit(model, data, {
      epochs: 1,
      seed: 1,
      onWarning,
      onEvent: (event) => event.type === "started" && truncations.push(event.truncation),
    });
    const share = 1 - 254 / 518; // The tags are 9 tokens, and 2 of the 256 are special ones.
    const truncation = { texts: 4, truncated: 1, share, markup: 1 };
    expect(truncations).toEqual([{ training: truncation }]);
    await predict(model, ["short", long], { onWarning });
    await evaluate(model, data, { onWarning });
    expect(heard.map((message) => message.slice(0, 60))).toEqual([
      "Of the training examples, 1 of 4 texts are longer than the 256 tokens".slice(0, 60),
      "1 of 2 texts are longer than the 256 tokens that the base mo",
      "1 of 4 texts are longer than the 256 tokens that the base mo",
    ]);
    const short = await predict(model, ["short"], { onWarning });
    expect(short.dims).toEqual([1, 2]);
    expect(heard).toHaveLength(3);
  });
});
