import * as node from "engraft";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApp, type TestApp } from "./browser.js";

let app: TestApp;
let page: Page;

beforeAll(async () => {
  app = await openApp();
  page = await app.open();
});
afterAll(() => app?.close());

/** Losses of Node and a browser differ by the order in which sums are taken. */
const TOLERANCE = 1e-5;

describe("models in a page", () => {
  it("train as in Node, and answer the same", async () => {
    const found = await page.evaluate(async () => {
      const { evaluate, fit, layers, Model, predict } = window.engraft;
      const data = Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1);
      const inputs = { input: { dtype: "float32", dims: [4, 2], data } } as const;
      const classes = BigInt64Array.of(0n, 1n, 1n, 0n);
      const train = { inputs, targets: { dtype: "int64", dims: [4], data: classes } } as const;
      const model = await Model.sequential(
        [2],
        [layers.dense(8, { activation: "tanh" }), layers.dropout(0.1), layers.dense(2)],
        { seed: 1 },
      );
      const events: string[] = [];
      const { history, keptEpoch } = await fit(
        model,
        { train, val: train },
        {
          epochs: 12,
          batchSize: 2,
          learningRate: 0.1,
          seed: 3,
          earlyStopping: { metric: "loss", patience: 4 },
          onEvent: ({ type }) => events.push(type),
        },
      );
      const { dims, data: logits } = await predict(model, inputs);
      return {
        isModel: model instanceof Model,
        losses: history.map(({ training }) => training.loss),
        validation: history.map(({ validation }) => validation!.loss),
        keptEpoch,
        events,
        dims,
        logits: [...(logits as Float32Array)],
        metrics: await evaluate(model, train),
        summary: String(await model.summary()),
        architecture: await model.architecture(),
        weights: model.weights.map(({ name, shape, size }) => [name, shape, size]),
      };
    });

    const data = Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1);
    const inputs = { input: { dtype: "float32", dims: [4, 2], data } } as const;
    const classes = BigInt64Array.of(0n, 1n, 1n, 0n);
    const train = { inputs, targets: { dtype: "int64", dims: [4], data: classes } } as const;
    const { layers } = node;
    const model = node.Model.sequential(
      [2],
      [layers.dense(8, { activation: "tanh" }), layers.dropout(0.1), layers.dense(2)],
      { seed: 1 },
    );
    const events: string[] = [];
    const { history, keptEpoch } = await node.fit(
      model,
      { train, val: train },
      {
        epochs: 12,
        batchSize: 2,
        learningRate: 0.1,
        seed: 3,
        earlyStopping: { metric: "loss", patience: 4 },
        onEvent: ({ type }) => events.push(type),
      },
    );
    expect(found).toMatchObject({ isModel: true, keptEpoch, events, dims: [4, 2] });
    expectClose(
      found.losses,
      history.map(({ training }) => training.loss),
    );
    expectClose(
      found.validation,
      history.map(({ validation }) => validation!.loss),
    );
    const { data: logits } = await node.predict(model, inputs);
    expectClose(found.logits, [...(logits as Float32Array)]);
    expect(found.metrics.loss).toBeCloseTo((await node.evaluate(model, train)).loss, 4);
    expect(found.summary).toBe(String(model.summary()));
    expect(found.architecture).toEqual(model.architecture());
    expect(found.weights).toEqual(
      model.weights.map(({ name, shape, size }) => [name, shape, size]),
    );
  });

  it("are stopped, kept and gone on with, to the bit; in one tab at a time", async () => {
    const found = await page.evaluate(async () => {
      const { createEngraft, layers, UsageError } = window.engraft;
      const engraft = createEngraft();
      const make = () =>
        engraft.sequential([2], [layers.dense(8, { activation: "tanh" }), layers.dense(2)], {
          seed: 2,
        });
      const data = Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1);
      const inputs = { input: { dtype: "float32", dims: [4, 2], data } } as const;
      const classes = BigInt64Array.of(0n, 1n, 1n, 0n);
      const train = { inputs, targets: { dtype: "int64", dims: [4], data: classes } } as const;
      const options = { epochs: 6, batchSize: 2, learningRate: 0.05, seed: 5 } as const;
      const whole = await make();
      await engraft.fit(whole, { train }, options);

      const controller = new AbortController();
      const stopped = await make();
      const reason = await engraft
        .fit(
          stopped,
          { train },
          {
            ...options,
            checkpoint: "run",
            signal: controller.signal,
            onEvent: ({ type, epoch }) => {
              if (type === "epoch" && epoch === 3) controller.abort(new Error("enough"));
            },
          },
        )
        .catch((error: Error) => error.message);
      const resumed = await make();
      const starts: unknown[] = [];
      const going = engraft.fit(
        resumed,
        { train },
        {
          ...options,
          checkpoint: "run",
          resume: true,
          onEvent: (event) => {
            if (event.type === "started") starts.push(event.resumed, event.epoch > 1);
          },
        },
      );
      await going;
      const fitAgain = () => engraft.fit(resumed, { train }, { ...options, checkpoint: "run" });
      const taken = await navigator.locks.request("engraft-checkpoint-run", () =>
        fitAgain().catch((error: unknown) => error instanceof UsageError && error.message),
      );
      const other = await engraft
        .fit(await make(), { train }, { ...options, seed: 6, checkpoint: "run", resume: true })
        .catch((error: { code: string }) => error.code);
      const { files } = await engraft.storage();
      await (await engraft.storage()).clear("files", "run");
      const values = async (model: typeof whole) =>
        Promise.all(model.weights.map(async ({ data }) => [...(await data)]));
      const result = {
        reason,
        starts,
        taken,
        other,
        whole: await values(whole),
        resumed: await values(resumed),
        kept: [...files.keys()],
        left: (await engraft.storage()).files.size,
      };
      await engraft.close();
      return result;
    });
    expect(found).toMatchObject({ reason: "enough", starts: [true, true], kept: ["run"], left: 0 });
    expect(found.resumed).toEqual(found.whole);
    expect(found.other).toBe("checkpoint/other-run");
    expect(found.taken).toMatch(/Another tab trains with the checkpoint run/);
  });

  it("are trained by loops of one's own, and saved under a name, in a file or as bytes", async () => {
    const found = await page.evaluate(async () => {
      const { compileTrainingStep, createEngraft, findLearningRate, layers } = window.engraft;
      const engraft = createEngraft();
      const data = Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1);
      const inputs = { input: { dtype: "float32", dims: [4, 2], data } } as const;
      const classes = BigInt64Array.of(0n, 1n, 1n, 1n);
      const batch = { inputs, targets: { dtype: "int64", dims: [4], data: classes } } as const;
      const model = await engraft.sequential([2], [layers.dense(2)], { seed: 1 });
      const { suggestion, losses: tried } = await findLearningRate(
        model,
        { train: batch },
        { steps: 20, batchSize: 4 },
      );
      const step = await compileTrainingStep(model, { optimizer: "sgd" });
      const losses: number[] = [];
      for (let update = 0; update < 5; update++) {
        const { loss, gradients } = await step.valueAndGrad(batch);
        losses.push(loss);
        await step.apply(gradients, { learningRate: 0.5 });
      }
      const { accuracy } = await step.evaluate(batch);
      model.freeze("**.bias");
      const stale = await step.valueAndGrad(batch).catch((error: Error) => error.message);
      await step.close();
      const closed = await step.evaluate(batch).catch((error: Error) => error.message);

      const root = await navigator.storage.getDirectory();
      const file = await root.getFileHandle("chosen.onnx", { create: true });
      await engraft.saveModel(model, file);
      await engraft.saveModel(model, "kept");
      const bytes = await model.toOnnx();
      const again = [
        await engraft.loadModel(await file.getFile()),
        await engraft.loadModel("kept"),
        await engraft.loadModel(bytes),
      ];
      const answers: number[][] = [];
      for (const each of [model, ...again]) {
        const open = engraft.openModel(each);
        const outputs = await open.run(inputs);
        answers.push([...(outputs.get(each.output.name)!.data as Float32Array)]);
        await open.close();
      }
      const weights = await model.saveWeights();
      const fresh = await engraft.sequential([2], [layers.dense(2)], { seed: 9 });
      const { matched } = await fresh.loadWeights(new Blob([Uint8Array.from(weights)]));
      const missing = await engraft.loadModel("none").catch((error: Error) => error.message);
      const sameValues =
        (await fresh.weights[0]!.data).join() === (await model.weights[0]!.data).join();
      await engraft.close();
      return {
        suggestion,
        tried: tried.length,
        losses,
        accuracy,
        stale,
        closed,
        answers,
        matched,
        sameValues,
        missing,
      };
    });
    expect(found.tried).toBeGreaterThan(3);
    expect(found.losses[4]).toBeLessThan(found.losses[0]!);
    expect(found.stale).toMatch(/has changed since the step was compiled/);
    expect(found.closed).toMatch(/training step was closed/);
    for (const answer of found.answers) expect(answer).toEqual(found.answers[0]);
    expect(found).toMatchObject({ matched: ["dense.bias", "dense.weight"], sameValues: true });
    expect(found.missing).toMatch(/"none" is neither a base model .* nor a file/);
  });
});

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [at, value] of expected.entries()) {
    expect(Math.abs(found[at]! - value)).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(value)));
  }
}
