import { ortRuntime } from "@engraft/core/ort";
import { explainOrtFiles } from "./explain-ort-files.js";
import { loadOrt, type OrtOptions, ortFiles } from "./load-ort.js";
import type { OrtSource } from "./ort-source.js";

/** ONNX Runtime Web in files of its own, which are loaded when they are needed. */
export function servedOrt(options: OrtOptions = {}): OrtSource {
  return {
    // What needs this without the module has the build in it that Engraft is tested with.
    wasm: () => ortFiles("wasm", options.module === undefined ? options : {}).wasm,
    async start(threads) {
      try {
        const { ort, version } = await loadOrt("wasm", options, threads);
        const runtime = ortRuntime(ort);
        await runtime.initialize?.();
        return { runtime, version };
      } catch (error) {
        throw await explainOrtFiles(error, ortFiles("wasm", options));
      }
    },
    openGpu: async () => (await import("./devices/gpu.js")).openGpu(options.webgpu ?? {}),
  };
}
