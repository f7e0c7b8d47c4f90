import * as node from "engraft";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApp, type TestApp } from "./browser.js";
import { labelledStripes } from "./images.js";
import { MAILS } from "./texts.js";

let app: TestApp;
let page: Page;

beforeAll(async () => {
  app = await openApp();
  page = await app.open();
});
afterAll(() => app?.close());

/** Losses of Node and a browser differ by the order in which sums are taken: the relative difference. */
const TOLERANCE = 1e-4;

function expectLosses(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [at, loss] of expected.entries()) {
    expect(Math.abs(found[at]! / loss - 1)).toBeLessThan(TOLERANCE);
  }
}

describe("a base model in a page", { timeout: 300_000 }, () => {
  it("of images gets a head, and its last block is tuned, with the losses of Node", async () => {
    const rows = await labelledStripes();
    const found = await page.evaluate(
      async (rows) => {
        const { fit, layers, loadModel, predict } = window.engraft;
        const base = await loadModel("efficientnet-lite0");
        base.trainable = false;
        base.layer("_blocks.15").trainable = true;
        const model = await base
          .cut("features")
          .append([layers.dropout(0.2), layers.dense(2, { name: "predictions" })]);
        const images = rows.map(([bytes, label]) => [Uint8Array.from(bytes), label] as const);
        const before = [...(await base.layer("_conv_stem").weights[0]!.data)];
        const { history } = await fit(model, images, { epochs: 2, batchSize: 4, seed: 1 });
        const after = [...(await base.layer("_conv_stem").weights[0]!.data)];
        const { dims, data } = await predict(
          model,
          images.slice(0, 2).map(([bytes]) => new Blob([bytes])),
        );
        return {
          kind: base.preparation?.preprocessing.kind,
          trainable: model.trainableWeights.map(({ name }) => name),
          losses: history.map(({ training }) => training.loss),
          isFrozen: before.length > 0 && before.join() === after.join(),
          dims,
          logits: [...(data as Float32Array)],
        };
      },
      rows.map(([file, label]) => [[...file], label] as const),
    );
    const base = await node.loadModel("efficientnet-lite0");
    base.trainable = false;
    base.layer("_blocks.15").trainable = true;
    const { layers } = node;
    const model = base
      .cut("features")
      .append([layers.dropout(0.2), layers.dense(2, { name: "predictions" })]);
    const { history } = await node.fit(model, rows, { epochs: 2, batchSize: 4, seed: 1 });
    expect(found).toMatchObject({ kind: "image", isFrozen: true, dims: [2, 2] });
    expect(found.trainable).toEqual(model.trainableWeights.map(({ name }) => name));
    expectLosses(
      found.losses,
      history.map(({ training }) => training.loss),
    );
    const { data } = await node.predict(
      model,
      rows.slice(0, 2).map(([file]) => file),
    );
    for (const [at, logit] of (data as Float32Array).entries()) {
      expect(Math.abs(found.logits[at]! - logit)).toBeLessThan(1e-3);
    }
  });

  it("of texts is tuned at its top, from a file, with the losses of Node", async () => {
    app.server.files.set(
      "/data/mails.csv",
      `text,label\n${MAILS.slice(0, 8)
        .map(([text, label]) => `"${text}",${label}`)
        .join("\n")}\n`,
    );
    const found = await page.evaluate(async () => {
      const { createEngraft, layers } = window.engraft;
      const engraft = createEngraft();
      const base = await engraft.loadModel("minilm-l6");
      await base.freezeUpTo("encoder.layer.4");
      const model = await base.cut("features").append([layers.dense(2, { name: "predictions" })]);

      const { history } = await engraft.fit(model, "data/mails.csv", {
        epochs: 2,
        batchSize: 4,
        learningRate: 2e-5,
        groups: [{ match: "predictions.**", learningRate: 1e-2 }],
        seed: 1,
      });
      const trainable = model.trainableWeights.map(({ name }) => name);
      await engraft.close();
      return { trainable, losses: history.map(({ training }) => training.loss) };
    });
    const base = await node.loadModel("minilm-l6");
    base.freezeUpTo("encoder.layer.4");
    const model = base.cut("features").append([node.layers.dense(2, { name: "predictions" })]);
    const { history } = await node.fit(model, MAILS.slice(0, 8), {
      epochs: 2,
      batchSize: 4,
      learningRate: 2e-5,
      groups: [{ match: "predictions.**", learningRate: 1e-2 }],
      seed: 1,
    });
    expect(found.trainable).toEqual(model.trainableWeights.map(({ name }) => name));
    expectLosses(
      found.losses,
      history.map(({ training }) => training.loss),
    );
  });
});
