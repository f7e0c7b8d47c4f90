import type { LinearAlgebra, OnnxLinearAlgebra, Runtime } from "@engraft/core";

/** Products on ONNX Runtime, whose code is loaded with the first: predictions need none. */
export function lazyLinearAlgebra(
  runtime: Runtime,
): LinearAlgebra & { readonly release: () => Promise<void> } {
  let loading: Promise<OnnxLinearAlgebra> | undefined;
  return {
    async multiply(a, b, transpose) {
      loading ??= import("@engraft/core").then((core) => core.onnxLinearAlgebra(runtime));
      return (await loading).multiply(a, b, transpose);
    },
    release: async () => (await loading)?.release(),
  };
}
