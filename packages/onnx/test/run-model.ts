import { InferenceSession, type Tensor } from "onnxruntime-node";
import { encodeModel } from "../src/codec/encode.js";
import type { Model } from "../src/ir/graph.js";

/** Runs a model in ONNX Runtime, the judge of whether what this package writes is right. */
export async function runModel(
  model: Model,
  feeds: Record<string, Tensor> = {},
): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(encodeModel(model), {
    intraOpNumThreads: 1,
    graphOptimizationLevel: "disabled",
  });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
