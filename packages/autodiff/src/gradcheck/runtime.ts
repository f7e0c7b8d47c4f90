import { encodeModel, type Model, type Tensor } from "@engraft/onnx";
import { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";

/** Results of a run as numbers. */
export interface Result {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

/** A model that can be run many times. */
export interface Program {
  run(feeds: ReadonlyMap<string, Tensor>): Promise<ReadonlyMap<string, Result>>;
}

/** One thread: sessions are many and small. */
export async function load(
  model: Model,
  optimization: "all" | "disabled" = "all",
): Promise<Program> {
  const session = await InferenceSession.create(encodeModel(model), {
    graphOptimizationLevel: optimization,
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  return {
    async run(feeds) {
      const inputs = Object.fromEntries(Array.from(feeds, ([name, value]) => [name, fed(value)]));
      const results = await session.run(inputs);
      return new Map(Object.entries(results).map(([name, value]) => [name, resultOf(value)]));
    },
  };
}

function fed({ dtype, data, dims }: Tensor): RuntimeTensor {
  if (dtype === "float32") return new RuntimeTensor("float32", data, dims);
  if (dtype === "float64") return new RuntimeTensor("float64", data, dims);
  if (dtype === "int64") return new RuntimeTensor("int64", data, dims);
  if (dtype === "int32") return new RuntimeTensor("int32", data, dims);
  if (dtype === "bool") return new RuntimeTensor("bool", data, dims);
  throw new Error(`${dtype} tensors are not fed in tests`);
}

function resultOf(value: RuntimeTensor): Result {
  return { dims: value.dims, data: Array.from(value.data as ArrayLike<number>, Number) };
}
