import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { type LinearAlgebra, onnxLinearAlgebra, ortRuntime, type Platform } from "@engraft/core";
import { loadOnnxRuntime } from "./onnxRuntime.js";
import { ThreadPool } from "./threadPool.js";

/** The engine's platform for Node; `close` stops its threads. */
export interface NodePlatform extends Platform {
  close(): Promise<void>;
}

/** Makes a platform. Nothing is loaded and no thread is started before it is needed. */
export function createNodePlatform(cores: number = availableParallelism()): NodePlatform {
  const pool = new ThreadPool(cores);
  return {
    runtime: pool,
    linearAlgebra: lazyLinearAlgebra(),
    sha256: (data) => Promise.resolve(createHash("sha256").update(data).digest("hex")),
    prepareImage: (file, spec) => pool.prepareImage(file, spec),
    close: () => pool.close(),
  };
}

/** Solvers run on the main thread: their products are short, and they yield in between. */
function lazyLinearAlgebra(): LinearAlgebra {
  let loaded: Promise<LinearAlgebra> | undefined;
  return {
    async multiply(a, b, transpose) {
      loaded ??= loadOnnxRuntime().then((ort) => onnxLinearAlgebra(ortRuntime(ort)));
      return (await loaded).multiply(a, b, transpose);
    },
  };
}
