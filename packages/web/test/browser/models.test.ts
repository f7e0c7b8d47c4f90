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

describe("models layer by layer in a page", () => {
  it("are frozen on the page, and share what they are made of", async () => {
    const found = await page.evaluate(async () => {
      const { layers, Model, UsageError, transferWeights } = window.engraft;
      const base = await Model.sequential(
        [4],
        [
          layers.sequential([layers.dense(6), layers.activation("relu")], { name: "body" }),
          layers.dense(3, { name: "top" }),
        ],
        { seed: 1 },
      );
      base.trainable = false;
      const model = await base.cut("body").append([layers.dense(2, { name: "head" })]);
      const names = (weights: readonly { readonly name: string }[]) =>
        weights.map(({ name }) => name);
      const first = names(model.trainableWeights);
      model.layer("body").trainable = true;
      const second = names(base.trainableWeights);
      model.freeze("**.bias");
      const third = names(model.trainableWeights);
      await model.freezeUpTo("body");
      const fourth = names(model.trainableWeights);
      const adapted = await base.addLora({ rank: 2, layers: "top" });
      const lora = names(adapted.trainableWeights);

      const weight = model.layer("head").weights[0]!;
      weight.data = new Float32Array(weight.size).fill(0.5);
      const changed = [...(await weight.data)];
      const other = await base.cut("body").append([layers.dense(2, { name: "head" })]);
      const report = await transferWeights(model.layer("head"), other);
      const shared = [...(await other.layer("head").weights[0]!.data)];
      const wrong: [string, () => unknown][] = [
        ["layer", () => model.layer("nothing")],
        ["pattern", () => model.freeze("nothing.**")],
        ["length", () => (weight.data = new Float32Array(1))],
        ["rate", () => layers.dropout(2)],
        ["cut", () => model.cut("nothing")],
        ["twice", () => model.append([layers.dense(2, { name: "head" })])],
        ["rank", () => model.addLora({ rank: 0 })],
        ["source", () => window.engraft.loadModel(new Uint8Array(3))],
      ];
      const errors: [string, boolean, string, string][] = [];
      for (const [what, call] of wrong) {
        try {
          await call();
        } catch (error) {
          const { code, message } = error as Error & { code: string };
          errors.push([what, error instanceof UsageError, code, message]);
        }
      }
      await model.close();
      const closed = await model.toOnnx().catch((error: Error) => error.message);
      return {
        first,
        second,
        third,
        fourth,
        lora,
        changed,
        shared,
        matched: report.matched,
        errors,
        closed,
        afterwards: (await other.toOnnx()).length > 0,
      };
    });
    expect(found).toMatchObject({
      first: ["head.weight", "head.bias"],
      second: ["body.dense.weight", "body.dense.bias"],
      third: ["body.dense.weight", "head.weight"],
      fourth: ["head.weight"],
      changed: new Array(12).fill(0.5),
      shared: new Array(12).fill(0.5),
      matched: ["head.weight", "head.bias"],
      closed: expect.stringMatching(/model was closed/),
      afterwards: true,
    });
    expect(found.lora).toHaveLength(2);
    expect(found.errors).toEqual([
      ["layer", true, "usage", expect.stringContaining('no layer "nothing"')],
      ["pattern", true, "usage", expect.stringContaining('matches "nothing.**"')],
      ["length", true, "usage", expect.stringContaining("was given 1")],
      ["rate", true, "usage", expect.stringContaining("rate of dropout is 2")],
      ["cut", true, "usage", expect.stringContaining("nothing")],
      ["twice", true, "usage", expect.stringContaining("head")],
      ["rank", true, "usage", expect.stringContaining("rank of LoRA is 0")],
      ["source", false, "onnx/malformed", expect.any(String)],
    ]);
  });

  it("are released in the worker where the page lets go of them", async () => {
    const other = await app.open();
    await other.evaluate(async () => {
      const { layers, Model } = window.engraft;
      const sent: string[] = [];
      window.Worker = class extends Worker {
        override postMessage(message: { readonly method: string }, transfer: never): void {
          sent.push(message.method);
          super.postMessage(message, transfer);
        }
      };
      const model = await Model.sequential([2], [layers.dense(2)]);
      await model.append([layers.dense(3)]);
      Object.assign(window, { sent, model });
    });
    const closed = (): Promise<number> =>
      other.evaluate(() => {
        const { sent } = window as unknown as { sent: string[] };
        return sent.filter((method) => method === "closeModel").length;
      });
    await expect
      .poll(async () => {
        await other.requestGC();
        return closed();
      })
      .toBe(1);
    // What is still held goes on.
    const size = await other.evaluate(async () => {
      const { model } = window as unknown as { model: import("../../src/index.js").Model };
      return (await model.weights[0]!.data).length;
    });
    expect(size).toBe(4);
    await other.close();
  });
});
