import { nativePackage, WASM_PACKAGE } from "./native-platforms.js";

/** A package that brings ONNX Runtime. */
export interface RuntimeCandidate {
  readonly kind: "native" | "wasm";
  /** The name of the package. */
  readonly module: string;
}

/** A package that could not be loaded. */
export interface RuntimeFailure extends RuntimeCandidate {
  readonly error: unknown;
}

/**
 * The packages that bring ONNX Runtime, in the order in which they are tried: first those that are
 * installed with Engraft, then those that a program may have for itself. `ENGRAFT_RUNTIME` leaves one
 * kind or one package of them.
 *
 * @throws UsageError when the environment names something else.
 */
export function candidates(env: NodeJS.ProcessEnv = process.env): RuntimeCandidate[] {
  const all: RuntimeCandidate[] = [
    { kind: "native", module: nativePackage() },
    { kind: "native", module: "onnxruntime-node" },
    { kind: "wasm", module: WASM_PACKAGE },
    { kind: "wasm", module: "onnxruntime-web" },
  ];
  const asked = env.ENGRAFT_RUNTIME;
  if (!asked) return all;
  return all.filter(({ kind, module }) => asked === kind || asked === module);
}
