import { readFileSync } from "node:fs";
import { decodeModel, type Tensor } from "@engraft/onnx";
import * as ort from "onnxruntime-node";
import { decodeSafetensors } from "../src/codec/safetensors.js";
import * as layers from "../src/layers/index.js";
import { Model } from "../src/model/model.js";
import { type Feeds, feedsOf, type NamedTensors } from "../src/runtime/feeds.js";
import { ortRuntime } from "../src/runtime/ort.js";
import { sessionModel } from "../src/runtime/session-model.js";
import { goldenNumbers } from "./training-goldens.js";

/** Models to take layers from: small ones made here, and real architectures as people export them. */

/** Two blocks of convolution and batch norm, then `head.hidden` and `head.classes`. */
export function network(): Model {
  const block = (name: string, filters: number) =>
    layers.sequential(
      [
        layers.conv2d(filters, 3, { padding: "same", name: "conv" }),
        layers.batchNorm({ name: "norm" }),
        layers.activation("relu", { name: "relu" }),
      ],
      { name },
    );
  return Model.sequential(
    [2, 4, 4],
    [
      block("first", 3),
      block("second", 4),
      layers.globalAveragePool({ name: "pool" }),
      layers.sequential(
        [
          layers.dense(5, { activation: "tanh", name: "hidden" }),
          layers.dense(3, { name: "classes" }),
        ],
        { name: "head" },
      ),
    ],
  );
}

/** Numbers between -1 and 1 that look random. */
export function numbers(dims: readonly number[], seed = 7): Tensor<"float32"> {
  const count = dims.reduce((product, size) => product * size, 1);
  return { dtype: "float32", dims, data: goldenNumbers(count, seed) };
}

/** Input of {@link network}. */
export const images: Feeds = new Map([["input", numbers([2, 2, 4, 4])]]);

const runtime = ortRuntime(ort);

/** The first output of a model in ONNX Runtime. */
export async function outputOf(model: Model | Uint8Array, feeds: NamedTensors): Promise<Tensor> {
  const session = await runtime.createSession(
    sessionModel(decodeModel(model instanceof Model ? model.toOnnx() : model)),
  );
  try {
    const [output] = (await session.run(feedsOf(feeds))).values();
    return output!;
  } finally {
    await session.release();
  }
}

/** The largest difference between two tensors of one shape, relative to the largest value. */
export function difference(a: Tensor, b: Tensor): number {
  if (a.dims.join() !== b.dims.join()) return Number.POSITIVE_INFINITY;
  const [x, y] = [a.data as Float32Array, b.data as Float32Array];
  const largest = y.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-6);
  return x.reduce((max, value, i) => Math.max(max, Math.abs(value - y[i]!)), 0) / largest;
}

/** A committed export of an architecture; see conformance/README.md. */
export interface Fixture {
  readonly bytes: Buffer;
  readonly inputs: Feeds;
  /** What PyTorch gives for the inputs. */
  readonly output: Tensor;
  /** Names of each parameter in the file and in PyTorch. */
  readonly weights: readonly {
    readonly onnx: string;
    readonly torch: string;
    readonly transpose: boolean;
  }[];
}

export function readFixture(name: string): Fixture {
  const folder = new URL(`../../../conformance/fixtures/${name}/`, import.meta.url);
  const fileOf = (file: string) => readFileSync(new URL(file, folder));
  const { tensors } = decodeSafetensors(fileOf("inputs.safetensors"));
  const reference = decodeSafetensors(fileOf("reference.safetensors")).tensors;
  return {
    bytes: fileOf("model.onnx"),
    inputs: new Map([...tensors].filter(([input]) => input !== "target")),
    output: reference.get("output")!,
    weights: JSON.parse(fileOf("case.json").toString()).weights,
  };
}
