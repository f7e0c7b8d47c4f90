import type { OrtModule } from "@engraft/core";
import "./no-telemetry.js";
import { oncePerProcess } from "./once-per-process.js";
import { candidates, type RuntimeCandidate, type RuntimeFailure } from "./runtime-candidates.js";

/** ONNX Runtime as it was loaded. */
export interface LoadedRuntime extends RuntimeCandidate {
  readonly ort: OrtModule;
  /** The version of ONNX Runtime. */
  readonly version: string;
  /** Why those before it in the order were not taken. */
  readonly failures: readonly RuntimeFailure[];
}

/**
 * Loads ONNX Runtime: the native library of this platform, else the WebAssembly build, which is several
 * times slower. That is said once in a process, by a warning of Node's with the code
 * `ENGRAFT_SLOW_RUNTIME`, unless the environment asks for it.
 *
 * @throws UsageError when `ENGRAFT_RUNTIME` names no runtime.
 * @throws RuntimeMissingError when none can be loaded.
 */
export async function loadOnnxRuntime(): Promise<OrtModule> {
  const { ort, kind, failures } = await loadFirstRuntime();
  if (kind === "wasm" && failures.some(isNative) && oncePerProcess("slow-runtime")) {
    const { slowRuntimeWarning } = await import("./runtime-missing.js");
    process.emitWarning(slowRuntimeWarning(failures), { code: "ENGRAFT_SLOW_RUNTIME" });
  }
  return ort;
}

/** Loads ONNX Runtime without a word, and tells which. Throws as {@link loadOnnxRuntime}. */
export async function loadFirstRuntime(): Promise<LoadedRuntime> {
  const failures: RuntimeFailure[] = [];
  for (const candidate of candidates()) {
    try {
      return { ...candidate, ...(await importRuntime(candidate)), failures };
    } catch (error) {
      failures.push({ ...candidate, error });
    }
  }
  const { runtimeMissing } = await import("./runtime-missing.js");
  throw runtimeMissing(failures);
}

function isNative({ kind }: RuntimeCandidate): boolean {
  return kind === "native";
}

async function importRuntime({
  kind,
  module,
}: RuntimeCandidate): Promise<{ ort: OrtModule; version: string }> {
  const ort: OrtModule & Environment = await import(module);
  // Engraft starts threads by itself, each with a runtime of its own.
  if (kind === "wasm") ort.env.wasm.numThreads = 1;
  return { ort, version: ort.env.versions.common };
}

/** What Engraft asks and sets of an ONNX Runtime module beside running models. */
interface Environment {
  readonly env: {
    readonly versions: { readonly common: string };
    /** Of the WebAssembly build alone. */
    readonly wasm: { numThreads?: number };
  };
}
