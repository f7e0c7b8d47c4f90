import type { OrtModule, Runtime } from "@engraft/core";
import { ortRuntime } from "@engraft/core/ort";
import * as ort from "onnxruntime-web/wasm";

/**
 * ONNX Runtime Web on one thread of this worker, out of bytes that a page has in it: nothing is fetched.
 * The bundle of a page has the build in it that loads no file of its own.
 */
export function embeddedRuntime(wasm: Uint8Array): Runtime {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.wasm.wasmBinary = wasm as Uint8Array<ArrayBuffer>;
  return ortRuntime(ort as unknown as OrtModule);
}
