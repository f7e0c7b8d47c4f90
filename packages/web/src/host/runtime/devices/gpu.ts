import type { Runtime } from "@engraft/core";
import { smallestModel, widenRows } from "@engraft/core/internal";
import { ortRuntime } from "@engraft/core/ort";
import { explainOrtFiles } from "../explain-ort-files.js";
import { loadOrt, type OrtBuild, ortFiles } from "../load-ort.js";
import { guarded } from "./guarded.js";

/**
 * Loads ONNX Runtime Web for WebGPU. Its code is fetched here and nowhere else.
 *
 * @throws RuntimeError when it cannot be loaded, or the GPU does not start.
 */
export async function openGpu(options: OrtBuild): Promise<Runtime> {
  try {
    // What does not run on the GPU is a matter of shapes, and gains nothing by threads.
    const { ort } = await loadOrt("webgpu", options, 1);
    const runtime = ortRuntime(ort, { executionProviders: ["webgpu"] });
    // ONNX Runtime lets the GPU go with the last session on it: this one stays.
    await runtime.createSession(smallestModel);
    const device = (await ort.env.webgpu.device) as GPUDevice;
    const lost = device.lost.then(({ message, reason }) => message || reason);
    return guarded(device.features.has("shader-f16") ? runtime : withoutHalf(runtime), lost);
  } catch (error) {
    throw await explainOrtFiles(error, ortFiles("webgpu", options));
  }
}

/** A runtime for a GPU that does not count in half precision. */
function withoutHalf(runtime: Runtime): Runtime {
  return {
    ...runtime,
    createSession: async (model, options) => runtime.createSession(widenRows(model), options),
  };
}
