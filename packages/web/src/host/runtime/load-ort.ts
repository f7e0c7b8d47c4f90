import type { OrtModule } from "@engraft/core";
import { RuntimeError } from "@engraft/core/errors";
import type { Device } from "./device.js";

/** Where a build of ONNX Runtime Web comes from. Addresses may be relative to the page. */
export interface OrtBuild {
  /** A module that exports what the one of `onnxruntime-web` does. Default: that of the tested build. */
  readonly module?: string | undefined;
  /** The `.mjs` file that the module loads. Default: beside the code of the worker. */
  readonly glue?: string | undefined;
  /** The `.wasm` file of the build. Default: beside the code of the worker. */
  readonly wasm?: string | undefined;
}

/** Where ONNX Runtime Web comes from: the build for WebAssembly, and beside it the one for WebGPU. */
export interface OrtOptions extends OrtBuild {
  /** The build for WebGPU, which is loaded where a GPU is used. Default: the tested build. */
  readonly webgpu?: OrtBuild | undefined;
}

/** What Engraft uses of the module beside running models. */
interface Environment {
  readonly env: {
    readonly versions: { readonly common: string };
    readonly wasm: {
      numThreads?: number;
      proxy?: boolean;
      wasmPaths?: string | { readonly mjs?: URL | string; readonly wasm?: URL | string };
    };
    readonly webgpu: { readonly device: Promise<unknown> };
  };
}

/** ONNX Runtime Web, and its version. */
export interface LoadedOrt {
  readonly ort: OrtModule & Environment;
  readonly version: string;
}

/**
 * Loads a build of ONNX Runtime Web, with the files that belong to it from the origin of the app:
 * nothing comes from a network of its own.
 *
 * @throws RuntimeError `runtime/load` when the module cannot be loaded.
 */
export async function loadOrt(
  device: Device,
  options: OrtBuild,
  threads: number,
): Promise<LoadedOrt> {
  const ort = await importOrt(device, options.module);
  const { wasm } = ort.env;
  wasm.numThreads = threads;
  // All of Engraft is in one worker already.
  wasm.proxy = false;
  wasm.wasmPaths = ortFiles(device, options);
  return { ort, version: ort.env.versions.common };
}

/** The files that a build of ONNX Runtime Web loads by itself. */
export function ortFiles(
  device: Device,
  { glue, wasm }: OrtBuild,
): { readonly mjs: string; readonly wasm: string } {
  const files = FILES[device];
  return { mjs: glue ?? files.mjs().href, wasm: wasm ?? files.wasm().href };
}

/** Bundlers find the files by this very form, and give them addresses of their own. */
const FILES = {
  wasm: {
    mjs: () => new URL("./ort-wasm-simd-threaded.mjs", import.meta.url),
    wasm: () => new URL("./ort-wasm-simd-threaded.wasm", import.meta.url),
  },
  webgpu: {
    mjs: () => new URL("./ort-wasm-simd-threaded.asyncify.mjs", import.meta.url),
    wasm: () => new URL("./ort-wasm-simd-threaded.asyncify.wasm", import.meta.url),
  },
};

async function importOrt(
  device: Device,
  module: string | undefined,
): Promise<OrtModule & Environment> {
  if (module === undefined) {
    return device === "wasm" ? import("onnxruntime-web/wasm") : import("onnxruntime-web/webgpu");
  }
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ module);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError("runtime/load", `the module ${module} cannot be loaded (${reason})`, {
      cause,
    });
  }
}
