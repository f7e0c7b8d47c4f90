import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { countingPlatform } from "../../test/tiny-bases.js";
import { type BaseModel, openBase } from "../bases/base.js";
import { maskedMax, maskedMean } from "../preprocess/text/pooling.js";
import { createTextTokenizer, padBatch } from "../preprocess/text/text.js";
import { feedsOf } from "../runtime/feeds.js";
import { ortRuntime } from "../runtime/ort.js";
import type { Session } from "../runtime/runtime.js";
import { sessionModel } from "../runtime/session-model.js";
import { openMemoryCache } from "./cache.js";
import { allColumns, type FeatureColumn } from "./columns.js";
import { extractFeatures } from "./extract.js";
import { FEATURES_OUTPUT, featureGraph, featureModel } from "./graph.js";

// On the base that ships: its last two layers, which depend on all others.

const texts = [
  "Win a free cruise now!!!",
  "The meeting moved to Tuesday.",
  "Lunch?",
  "Notes from the weekly planning call, with everything that was decided and by whom.",
  "Your account won a bonus",
  "Call me",
];

let base: BaseModel;
let columns: FeatureColumn[];
let session: Session;

beforeAll(async () => {
  const folder = new URL("../../../../models/minilm-l6/", import.meta.url);
  base = await openBase((name) => readFile(new URL(name, folder)), countingPlatform());
  columns = allColumns(base.spec).slice(-4);
  session = await ortRuntime(ort).createSession(featureModel(base, columns));
});

function tokenize(given: readonly string[]): Int32Array[] {
  if (base.spec.preprocessing.kind !== "text") throw new Error("not a base for texts");
  const tokenizer = createTextTokenizer(base.tokenizer(), base.spec.preprocessing);
  return given.map((text) => tokenizer.encode(text));
}

/** Runs texts padded to one batch, and gives any outputs of a model. */
async function runPadded(given: readonly string[], on: Session) {
  const batch = padBatch(tokenize(given), 0);
  const dims = [batch.rows, batch.length];
  const feeds = feedsOf({
    ids: { dtype: "int64", dims, data: batch.ids },
    mask: { dtype: "int64", dims, data: batch.mask },
  });
  const outputs = await on.run(feeds);
  return { batch, outputs };
}

describe("text features", () => {
  it("are bit-identical whatever other texts are in the call", async () => {
    const platform = countingPlatform();
    const options = { openCache: openMemoryCache };
    const all = await extractFeatures(
      base,
      columns,
      texts.map((text) => ({ kind: "text", text })),
      platform,
      options,
    );
    for (const [row, text] of texts.entries()) {
      const alone = await extractFeatures(
        base,
        columns,
        [{ kind: "text", text }],
        platform,
        options,
      );
      const { cols, data } = all.table.matrix;
      expect(data.subarray(row * cols, (row + 1) * cols)).toEqual(alone.table.matrix.data);
    }
  });

  it("of a padded batch are those of single texts to 1e-5", async () => {
    const padded = (await runPadded(texts, session)).outputs.get(FEATURES_OUTPUT)!
      .data as Float32Array;
    const width = padded.length / texts.length;
    for (const [row, text] of texts.entries()) {
      const { outputs } = await runPadded([text], session);
      const alone = outputs.get(FEATURES_OUTPUT)!.data as Float32Array;
      const errors = alone.map((value, at) => Math.abs(value - padded[row * width + at]!));
      expect(errors.reduce((a, b) => Math.max(a, b))).toBeLessThan(1e-5);
    }
  });

  it("are pooled in the graph as by the reference", async () => {
    const tap = base.spec.taps.find(({ name }) => name === "block.5")!;
    const wanted = columns.filter(({ tap: name }) => name === tap.name);
    const model = featureGraph(base, wanted);
    const both = { ...model.graph, outputs: [...model.graph.outputs] };
    both.outputs.push({ name: tap.value, type: { dtype: "float32", shape: undefined } });
    const open = await ortRuntime(ort).createSession(sessionModel({ ...model, graph: both }));
    const { batch, outputs } = await runPadded(texts, open);
    const hidden = outputs.get(tap.value)!.data as Float32Array;
    const [mean, max] = [maskedMean(hidden, batch), maskedMax(hidden, batch)];
    const pooled = outputs.get(FEATURES_OUTPUT)!.data as Float32Array;
    for (let row = 0; row < texts.length; row++) {
      for (let channel = 0; channel < tap.width; channel++) {
        const at = row * tap.width + channel;
        expect(pooled[2 * row * tap.width + channel]).toBeCloseTo(mean[at]!, 5);
        expect(pooled[(2 * row + 1) * tap.width + channel]).toBe(max[at]);
      }
    }
    await open.release();
  });
});

it("a feature model holds no layer above the deepest tap that it reads", () => {
  const sizes = base.spec.taps.map(({ name, width }) => {
    const model = featureGraph(base, [{ tap: name, pooling: "mean", width }]);
    const weights = [...model.graph.initializers.values()];
    return [
      model.graph.nodes.length,
      weights.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0),
    ] as const;
  });
  for (const [tap, [nodes, weights]] of sizes.entries()) {
    if (tap === 0) continue;
    expect(nodes).toBeGreaterThan(sizes[tap - 1]![0]);
    expect(weights).toBeGreaterThan(sizes[tap - 1]![1]);
  }
});
