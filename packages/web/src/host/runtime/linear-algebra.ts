import type { LinearAlgebra, Runtime } from "@engraft/core";
import { Lazy } from "../lazy.js";

/** Products on ONNX Runtime, whose code is loaded with the first: predictions need none. */
export function lazyLinearAlgebra(
  runtime: Runtime,
): LinearAlgebra & { readonly release: () => Promise<void> } {
  const lazy = new Lazy(async () => (await import("@engraft/core")).onnxLinearAlgebra(runtime));
  return {
    multiply: async (a, b, transpose) => (await lazy.get()).multiply(a, b, transpose),
    release: async () => (await lazy.take())?.release(),
  };
}
