import { availableParallelism } from "node:os";
import type { LinearAlgebra, OpenStepEngine, Platform, PreparedImage } from "@engraft/core";
import { loadOnnxRuntime } from "./onnx-runtime.js";
import type { ThreadNeeds } from "./protocol.js";
import { sha256 } from "./sha256.js";
import { ThreadPool } from "./thread-pool.js";

/** The engine's platform for Node; `close` stops its threads. */
export interface NodePlatform extends Platform {
  /** Opens a training step on a thread of its own. */
  readonly openStepEngine: OpenStepEngine;
  /** @param aside - For large images: leaves one thread free for everything else. Default false. */
  prepareImage(
    ...image: [...Parameters<Platform["prepareImage"]>, aside?: boolean]
  ): Promise<PreparedImage>;
  /** Starts a thread that will soon be needed, so that it loads while files are read. */
  warmUp(needs: ThreadNeeds): void;
  close(): Promise<void>;
}

/** Makes a platform. Nothing is loaded and no thread is started before it is needed. */
export function createNodePlatform(cores: number = availableParallelism()): NodePlatform {
  const pool = new ThreadPool(cores);
  return {
    runtime: pool,
    linearAlgebra: lazyLinearAlgebra(),
    sha256,
    prepareImage: (file, spec, changes, aside) => pool.prepareImage(file, spec, changes, aside),
    async openStepEngine(step, settings, state) {
      const { openTrainingThread } = await import("./training-thread.js");
      return openTrainingThread(step, { ...settings, threads: settings.threads ?? cores }, state);
    },
    warmUp: (needs) => pool.warmUp(needs),
    close: () => pool.close(),
  };
}

/** Solvers run on the main thread: their products are short, and they yield in between. */
function lazyLinearAlgebra(): LinearAlgebra {
  let loaded: Promise<LinearAlgebra> | undefined;
  return {
    async multiply(a, b, transpose) {
      loaded ??= loadLinearAlgebra();
      return (await loaded).multiply(a, b, transpose);
    },
  };
}

async function loadLinearAlgebra(): Promise<LinearAlgebra> {
  const [{ onnxLinearAlgebra, ortRuntime }, ort] = await Promise.all([
    import("@engraft/core"),
    loadOnnxRuntime(),
  ]);
  return onnxLinearAlgebra(ortRuntime(ort));
}
