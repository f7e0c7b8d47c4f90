import * as node from "engraft";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApp, type TestApp } from "./browser.js";
import { labelledStripes } from "./images.js";
import { CSV, MAILS } from "./texts.js";

let app: TestApp;
let page: Page;

beforeAll(async () => {
  app = await openApp();
  page = await app.open();
});
afterAll(() => app?.close());

describe("data sets in a page", () => {
  it("of texts are those that Node reads, and are trained on", async () => {
    const found = await page.evaluate(async (csv) => {
      const { DataError, readDataset, train } = window.engraft;
      const dataset = await readDataset(new File([csv], "mails.csv"));
      const bad = await readDataset(new File([`${csv}"no label",\n`], "bad.csv")).catch(
        (error: unknown) => error instanceof DataError && error.problems,
      );
      const skipped = await readDataset(new File([`${csv}"no label",\n`], "bad.csv"), {
        skipBad: true,
      });
      const half = { ...dataset, splits: { train: dataset.splits.train.slice(0, 12) } };
      const task = await train(half, { views: "last" });
      const { n } = task.metrics;
      await task.close();
      return { dataset, bad, skipped: skipped.skipped, n };
    }, CSV);
    expect(found.dataset).toEqual({
      ...(await node.readDataset(MAILS)),
      splits: {
        train: MAILS.map(([text, label], at) => ({
          source: `mails.csv:${at + 2}`,
          input: { kind: "text", text },
          target: { kind: "single", label },
        })),
      },
    });
    expect(found.bad).toEqual([{ where: "bad.csv:22", what: expect.stringContaining("label") }]);
    expect(found.skipped).toEqual(found.bad);
    expect(found.n).toBe(12);
  });

  it("of images stay in the worker, are read when they are asked for, and cross to another one", async () => {
    const rows = (await labelledStripes()).map(([file, label]) => [[...file], label] as const);
    const found = await page.evaluate(async (rows) => {
      const { createEngraft } = window.engraft;
      const engraft = createEngraft();
      const files = rows.map(([bytes, label], at) => {
        const file = new File([Uint8Array.from(bytes)], `${at}.png`);
        Object.defineProperty(file, "webkitRelativePath", { value: `all/${label}/${at}.png` });
        return file;
      });
      const dataset = await engraft.readDataset(files);
      const first = dataset.splits.train[0]!;
      const input = first.input as Extract<typeof first.input, { kind: "image" }>;
      const bytes = [...(await input.read())];
      const own = {
        source: "own",
        input: { kind: "image", read: async () => Uint8Array.from(rows[0]![0]) },
        target: { kind: "single", label: rows[0]![1] },
      } as const;
      const train = [...dataset.splits.train, own];
      const task = await engraft.train({ ...dataset, splits: { train } }, { views: "last" });
      const other = createEngraft();
      const theirs = await other.train(dataset, { views: "last" });
      const result = {
        modality: dataset.modality,
        labels: dataset.labels,
        sources: dataset.splits.train.map(({ source }) => source),
        bytes,
        n: [task.metrics.n, theirs.metrics.n],
      };
      await engraft.close();
      await other.close();
      return result;
    }, rows);
    expect(found).toMatchObject({ modality: "image", labels: ["lying", "standing"], n: [9, 8] });
    expect(found.sources[0]).toMatch(/^lying\/\d\.png$/);
    const [at] = /\d/.exec(found.sources[0]!)!;
    expect(found.bytes).toEqual(rows[Number(at)]![0]);
  });

  it("are described and corrected as in Node", async () => {
    const found = await page.evaluate(async (csv) => {
      const { applyCorrections, inspect, Model, layers, saveModel, train } = window.engraft;
      const corrections = [{ source: "mails.csv:3", given: "ham", label: "spam" }];
      const file = await applyCorrections(new File([csv], "mails.csv"), corrections);
      const list = await applyCorrections(new File(["?"], "photos.parquet"), corrections);
      const task = await train(new File([csv], "mails.csv"), { views: "last", output: "known" });
      await saveModel(await Model.sequential([2], [layers.dense(2)]), "small");
      const onnx = new File(
        [Uint8Array.from(await (await Model.sequential([2], [layers.dense(2)])).toOnnx())],
        "x.onnx",
      );
      const zip = await task.export({ format: "engraft" });
      const inspected = [
        await inspect("minilm-l6"),
        await inspect("known"),
        await inspect("small"),
        await inspect(onnx),
        await inspect(new File([zip], "mails.engraft.zip")),
        await inspect("engraft/efficientnet-lite0/model.onnx"),
      ];
      const none = await inspect("nothing").catch((error: Error) => error.message);
      return {
        file: [file.name, await file.text()],
        list: [list.name, await list.text()],
        titles: inspected.map(({ title }) => title),
        base: inspected[0],
        names: [...(await task.files()).keys()],
        none,
      };
    }, CSV);
    const lines = CSV.split("\n");
    lines[2] = lines[2]!.replace(",ham", ",spam");
    expect(found.file).toEqual(["mails.relabelled.csv", lines.join("\n")]);
    expect(found.list).toEqual([
      "photos.parquet.corrections.csv",
      "source,given,label\nmails.csv:3,ham,spam\n",
    ]);
    expect(found.titles).toEqual([
      expect.stringMatching(/^Base model minilm-l6/),
      "Task known",
      "ONNX model small",
      "ONNX model x.onnx",
      expect.stringMatching(/^Task mails\.engraft\.zip/),
      expect.stringMatching(/^ONNX model http.*model\.onnx$/),
    ]);
    expect(found.base).toEqual(await node.inspect("minilm-l6"));
    expect(found.names).toContain("task.json");
    expect(found.none).toMatch(/nothing is neither a task, nor an ONNX file, nor a base model/);
  });
});
