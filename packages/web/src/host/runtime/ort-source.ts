import type { Runtime } from "@engraft/core";

/** ONNX Runtime Web for the processor, started. */
export interface StartedOrt {
  readonly runtime: Runtime;
  /** Version of ONNX Runtime Web. */
  readonly version: string;
}

/** Where a host has ONNX Runtime Web from. */
export interface OrtSource {
  /** Its WebAssembly for the processor: the address, or the bytes. */
  wasm(): string | Uint8Array;
  /** Starts it on the processor. @throws RuntimeError where that fails. */
  start(threads: number): Promise<StartedOrt>;
  /** Starts it on the GPU. @throws RuntimeError where that fails. */
  openGpu(): Promise<Runtime>;
}
