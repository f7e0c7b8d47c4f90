import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { BaseSpec, Input, Tap } from "@engraft/core";
import { baseSpecSchema } from "@engraft/core/internal";
import { allColumns, createExtractor, openBase } from "@engraft/core/predict";
import { cut, decodeModel, encodeModel } from "@engraft/onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { createNodeHost } from "../dist/host/node-host.js";

/** What the PyTorch original gave, by tap; the arrays are base64 of little-endian float32. */
interface ReferenceCase {
  readonly pooled: Readonly<Record<string, string>>;
  readonly slices: Readonly<Record<string, string>>;
}
type TextCase = ReferenceCase & { readonly text: string; readonly ids: readonly number[] };
type ImageCase = ReferenceCase & { readonly image: string };

const require = createRequire(import.meta.url);
const LEAST_COSINE = 0.9999;

function open(id: string): { folder: string; spec: BaseSpec } {
  const path = require.resolve(`@engraft/model-${id}/spec.json`);
  return {
    folder: dirname(path),
    spec: baseSpecSchema.parse(JSON.parse(readFileSync(path, "utf8"))),
  };
}

function referenceCases<Case extends ReferenceCase>(folder: string): readonly Case[] {
  return JSON.parse(readFileSync(join(folder, "reference.json"), "utf8")).cases;
}

/** Runs the model up to every tap. */
async function runTaps(
  folder: string,
  spec: BaseSpec,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<ReadonlyMap<Tap, Tensor>> {
  const model = decodeModel(readFileSync(join(folder, spec.model)));
  const values = spec.taps.map((tap) => tap.value);
  const session = await InferenceSession.create(encodeModel(cut(model, values)), {
    logSeverityLevel: 3,
  });
  const results = await session.run(feeds);
  await session.release();
  return new Map(spec.taps.map((tap) => [tap, results[tap.value]!]));
}

function float32(base64: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(base64, "base64")).buffer);
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** One tap of one input: its value in a channel at a token, or at a position of the map. */
interface Features {
  readonly label: string;
  readonly channels: number;
  readonly rows: number;
  readonly at: (channel: number, row: number) => number;
}

function average({ channels, rows, at }: Features): Float64Array {
  return Float64Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += at(channel, row);
    return sum / rows;
  });
}

/** `slice` holds single values, which would hide in an average: equal up to fp16 weights' rounding. */
function expectEqual(
  features: Features,
  slice: readonly number[],
  { pooled, slices }: ReferenceCase,
  { name, width }: Tap,
): void {
  expect(features.channels).toBe(width);
  const similarity = cosine(average(features), float32(pooled[name]!));
  expect(similarity, features.label).toBeGreaterThanOrEqual(LEAST_COSINE);
  const expected = float32(slices[name]!);
  expect(slice).toHaveLength(expected.length);
  const tolerance = 0.01 * Math.max(1, ...expected.map(Math.abs));
  for (const [i, value] of slice.entries()) {
    expect(Math.abs(value - expected[i]!), features.label).toBeLessThan(tolerance);
  }
}

/** Pads all texts into one batch, so that a mask which leaks would show. */
function textFeeds(cases: readonly TextCase[]): Record<string, Tensor> {
  const length = Math.max(...cases.map(({ ids }) => ids.length));
  const ids = new BigInt64Array(cases.length * length);
  const mask = new BigInt64Array(cases.length * length);
  for (const [row, item] of cases.entries()) {
    ids.set(item.ids.map(BigInt), row * length);
    mask.fill(1n, row * length, row * length + item.ids.length);
  }
  const dims = [cases.length, length];
  return { ids: new Tensor("int64", ids, dims), mask: new Tensor("int64", mask, dims) };
}

/** The shorter side of every reference image is what the spec resizes to: only the crop is left. */
async function imageFeeds(
  folder: string,
  cases: readonly ImageCase[],
): Promise<Record<string, Tensor>> {
  const side = 224;
  const pixels = new Float32Array(cases.length * 3 * side * side);
  for (const [index, { image }] of cases.entries()) {
    const png = sharp(join(folder, image)).removeAlpha();
    const { width, height } = await png.metadata();
    const region = {
      left: (width - side) / 2,
      top: (height - side) / 2,
      width: side,
      height: side,
    };
    const rgb = await png.extract(region).raw().toBuffer();
    for (let i = 0; i < rgb.length; i++) {
      const channel = i % 3;
      pixels[(index * 3 + channel) * side * side + (i - channel) / 3] = (rgb[i]! - 127) / 128;
    }
  }
  return { pixels: new Tensor("float32", pixels, [cases.length, 3, side, side]) };
}

describe.each(["minilm-l6", "minilm-l6-int8", "efficientnet-lite0", "efficientnet-lite0-int8"])(
  "%s",
  (id) => {
    test("the spec names files that have its digests", () => {
      const { folder, spec } = open(id);
      expect(spec.id).toBe(id);
      expect(Object.keys(spec.files)).toContain(spec.model);
      for (const [name, expected] of Object.entries(spec.files)) {
        const content = readFileSync(join(folder, name));
        const sha256 = createHash("sha256").update(content).digest("hex");
        expect({ name, sha256, bytes: content.length }).toEqual({ name, ...expected });
      }
    });

    test("the graph has the inputs of the spec and ends in the last tap", () => {
      const { folder, spec } = open(id);
      const { graph } = decodeModel(readFileSync(join(folder, spec.model)));
      expect(graph.inputs.map(({ name }) => name)).toEqual(Object.values(spec.inputs));
      expect(graph.outputs.map(({ name }) => name)).toEqual([spec.taps.at(-1)?.value]);
    });
  },
);

test("minilm-l6: every tap equals the PyTorch original for every text", async () => {
  const { folder, spec } = open("minilm-l6");
  const cases = referenceCases<TextCase>(folder);
  expect(cases.length).toBeGreaterThanOrEqual(6);
  for (const [tap, { data, dims }] of await runTaps(folder, spec, textFeeds(cases))) {
    const [, length, channels] = dims as [number, number, number];
    for (const [index, item] of cases.entries()) {
      const at = (channel: number, token: number) =>
        (data as Float32Array)[(index * length + token) * channels + channel]!;
      const label = `${tap.name} of text ${index}`;
      const slice = [0, 1].flatMap((token) => Array.from({ length: 8 }, (_, c) => at(c, token)));
      expectEqual({ label, channels, rows: item.ids.length, at }, slice, item, tap);
    }
  }
});

test("efficientnet-lite0: every tap equals the PyTorch original for every image", async () => {
  const { folder, spec } = open("efficientnet-lite0");
  const cases = referenceCases<ImageCase>(folder);
  expect(cases.length).toBeGreaterThanOrEqual(4);
  for (const [tap, { data, dims }] of await runTaps(
    folder,
    spec,
    await imageFeeds(folder, cases),
  )) {
    const [, channels, height, width] = dims as [number, number, number, number];
    const square = [2 * width + 2, 2 * width + 3, 3 * width + 2, 3 * width + 3];
    for (const [index, item] of cases.entries()) {
      const at = (channel: number, position: number) =>
        (data as Float32Array)[(index * channels + channel) * height * width + position]!;
      const label = `${tap.name} of ${item.image}`;
      const slice = [0, 1, 2, 3].flatMap((channel) => square.map((p) => at(channel, p)));
      expectEqual({ label, channels, rows: height * width, at }, slice, item, tap);
    }
  }
});

/** Least cosine to the original of the average of any tap, with weights in 8 bits. */
const LEAST_COSINE_INT8 = 0.995;

describe.each([
  ["minilm-l6-int8", 25e6],
  ["efficientnet-lite0-int8", 4.5e6],
])("%s", (id, most) => {
  test("is half the size, and every tap is near the PyTorch original", async () => {
    const { folder, spec } = open(id);
    expect(spec.files[spec.model]!.bytes).toBeLessThan(most);
    const { folder: original } = open(id.replace("-int8", ""));
    const cases = referenceCases<TextCase & ImageCase>(original);
    const feeds = spec.modality === "text" ? textFeeds(cases) : await imageFeeds(original, cases);
    for (const [tap, { data, dims }] of await runTaps(folder, spec, feeds)) {
      const isMap = dims.length === 4;
      const channels = isMap ? dims[1]! : dims[2]!;
      const size = isMap ? dims[2]! * dims[3]! : dims[1]!;
      for (const [index, item] of cases.entries()) {
        const at = (channel: number, row: number) =>
          (data as Float32Array)[
            isMap
              ? (index * channels + channel) * size + row
              : (index * size + row) * channels + channel
          ]!;
        const label = `${tap.name} of input ${index}`;
        const rows = isMap ? size : item.ids.length;
        const mean = average({ label, channels, rows, at });
        expect(cosine(mean, float32(item.pooled[tap.name]!)), label).toBeGreaterThan(
          LEAST_COSINE_INT8,
        );
      }
    }
  });
});

const TEXTS = ["What is my balance?", "Why was my card refused, and by whom, at the cash machine?"];

/** Images of stripes, each its own. */
async function striped(count: number): Promise<Input[]> {
  const [width, height] = [96, 64];
  const images = Array.from({ length: count }, (_, image) => {
    const raw = Uint8Array.from(
      { length: 3 * width * height },
      (__, at) => (at * (image + 3)) % 251,
    );
    return sharp(raw, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
  });
  return (await Promise.all(images)).map((file) => ({ kind: "image", read: async () => file }));
}

test.each([
  ["minilm-l6", async () => TEXTS.map((text): Input => ({ kind: "text", text }))],
  ["efficientnet-lite0", () => striped(3)],
] as const)("%s gives the same bits on one thread and on several", async (id, makeInputs) => {
  const inputs = await makeInputs();
  const features = async (lowLatency: boolean): Promise<Float32Array[]> => {
    const host = createNodeHost({ threads: 2 });
    try {
      const base = await openBase((name) => host.readBaseFile(id, name), host);
      const extractor = await createExtractor(base, allColumns(base.spec), host, { lowLatency });
      const rows: Float32Array[] = [];
      await extractor.run(inputs, {
        features: (position, vector) => {
          rows[position] = vector;
        },
        unreadable: (_, error) => expect.fail(error.message),
      });
      await extractor.release();
      return rows;
    } finally {
      await host.close();
    }
  };
  expect(await features(true)).toEqual(await features(false));
});
