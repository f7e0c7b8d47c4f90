import type { OrtModule, Runtime } from "@engraft/core";
import { ortRuntime } from "@engraft/core/ort";
import * as ort from "onnxruntime-web/wasm";
import { explainOrtFiles } from "./explain-ort-files.js";
import type { OrtSource } from "./ort-source.js";

/**
 * ONNX Runtime Web on one thread of this worker. The bundles that this is in have the build in them that
 * loads no code of its own.
 *
 * @param wasm - Its WebAssembly: the address, or the bytes.
 */
export function embeddedRuntime(wasm: string | Uint8Array): Runtime {
  const settings = ort.env.wasm;
  settings.numThreads = 1;
  settings.proxy = false;
  if (typeof wasm === "string") settings.wasmPaths = { wasm };
  else settings.wasmBinary = wasm as Uint8Array<ArrayBuffer>;
  return ortRuntime(ort as unknown as OrtModule);
}

/** The same for a host. @param wasm - Its WebAssembly: the address, or the bytes. */
export function embeddedOrt(wasm: string | Uint8Array): OrtSource {
  return {
    wasm: () => wasm,
    async start() {
      const runtime = embeddedRuntime(wasm);
      try {
        await runtime.initialize?.();
      } catch (error) {
        throw typeof wasm === "string" ? await explainOrtFiles(error, { wasm }) : error;
      }
      return { runtime, version: ort.env.versions.common };
    },
    openGpu: () => Promise.reject(new Error("internal: this build is for the processor alone")),
  };
}
