import type { OrtModule } from "@engraft/core";
import { RuntimeError } from "@engraft/core/errors";

/** Where ONNX Runtime Web comes from. Addresses may be relative to the page. */
export interface OrtOptions {
  /**
   * A module that exports what `onnxruntime-web/wasm` does, to run another build. Default: the build
   * that Engraft is tested with.
   */
  readonly module?: string | undefined;
  /** The file `ort-wasm-simd-threaded.mjs` of the build. Default: beside the code of the worker. */
  readonly glue?: string | undefined;
  /** The file `ort-wasm-simd-threaded.wasm` of the build. Default: beside the code of the worker. */
  readonly wasm?: string | undefined;
}

/** What Engraft sets of the module beside running models. */
interface Environment {
  readonly env: {
    readonly versions: { readonly common: string };
    readonly wasm: {
      numThreads?: number;
      proxy?: boolean;
      wasmPaths?: string | { readonly mjs?: URL | string; readonly wasm?: URL | string };
    };
  };
}

/** ONNX Runtime Web, and its version. */
export interface LoadedOrt {
  readonly ort: OrtModule;
  readonly version: string;
}

/**
 * Loads ONNX Runtime Web, with the files that belong to it from the origin of the app: nothing comes
 * from a network of its own.
 *
 * @throws RuntimeError `runtime/load` when the module cannot be loaded.
 */
export async function loadOrt(options: OrtOptions, threads: number): Promise<LoadedOrt> {
  const ort = await importOrt(options.module);
  const { wasm } = ort.env;
  wasm.numThreads = threads;
  // All of Engraft is in one worker already.
  wasm.proxy = false;
  wasm.wasmPaths = ortFiles(options);
  return { ort, version: ort.env.versions.common };
}

/** The files that ONNX Runtime Web loads by itself. */
export function ortFiles({ glue, wasm }: OrtOptions): {
  readonly mjs: string;
  readonly wasm: string;
} {
  return {
    mjs: glue ?? new URL("./ort-wasm-simd-threaded.mjs", import.meta.url).href,
    wasm: wasm ?? new URL("./ort-wasm-simd-threaded.wasm", import.meta.url).href,
  };
}

async function importOrt(module: string | undefined): Promise<OrtModule & Environment> {
  if (module === undefined) return import("onnxruntime-web/wasm");
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ module);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError("runtime/load", `the module ${module} cannot be loaded (${reason})`, {
      cause,
    });
  }
}
