/**
 * Engraft for the service workers of browser extensions (manifest version 3), which load no code by
 * `import()` and start no workers: the entry `@engraft/web/worker` in one file with ONNX Runtime Web in it,
 * on one thread. Only the WebAssembly is a file of its own.
 *
 * @module @engraft/web/extension
 */
import { Engraft } from "@engraft/tasks/predict";
import { embeddedOrt } from "./host/runtime/embedded-ort.js";
import { createWebHost, type HostOptions } from "./host/web-host.js";

export * from "./worker-exports.js";

/** What an instance is made with; every part has a default. */
export interface EngraftOptions extends HostOptions {
  /**
   * The WebAssembly of ONNX Runtime Web: the address, such as `chrome.runtime.getURL(…)`, or the bytes.
   * Default: `ort-wasm-simd-threaded.wasm` beside this code.
   */
  readonly wasm?: string | Uint8Array | undefined;
}

/**
 * Makes an instance of Engraft that works on the calling thread. Instances share ONNX Runtime Web, and
 * with it the WebAssembly of the first that runs a model. Nothing is loaded before it is needed.
 */
export function createEngraft({ wasm, ...options }: EngraftOptions = {}): Engraft {
  const ort = embeddedOrt(wasm ?? besideThis());
  return new Engraft(createWebHost({ ...options, device: "wasm", threads: 1 }, ort));
}

/** Bundlers find the file by this very form. */
function besideThis(): string {
  return new URL("./ort-wasm-simd-threaded.wasm", import.meta.url).href;
}
