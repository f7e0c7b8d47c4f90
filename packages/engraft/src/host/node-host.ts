import { availableParallelism } from "node:os";
import type { LinearAlgebra, Platform, PreparedImage } from "@engraft/core";
import type { Host } from "@engraft/tasks/predict";
import { version } from "../version.js";
import { readBaseFile } from "./base-files.js";
import { cacheFolder } from "./cache/location.js";
import { nodeData } from "./data.js";
import { nodeFiles } from "./files/node-files.js";
import { loadOnnxRuntime } from "./onnx-runtime.js";
import { sha256 } from "./sha256.js";
import { taskFolders } from "./tasks/task-folders.js";
import { ThreadPool } from "./thread-pool.js";

/** What a Node host is made with; every part has a default. */
export interface NodeHostOptions {
  /** Most threads that compute at the same time. Default: one for each core. */
  readonly threads?: number | undefined;
  /**
   * Folder of the feature cache. Default: `$ENGRAFT_CACHE`, else `engraft` in the cache folder of the
   * user.
   */
  readonly cache?: string | undefined;
}

/** Node: threads with ONNX Runtime, sharp, and files on the disk. */
export interface NodeHost extends Host {
  /** @param aside - For large images: leaves one thread free for everything else. Default false. */
  prepareImage(
    ...image: [...Parameters<Platform["prepareImage"]>, aside?: boolean]
  ): Promise<PreparedImage>;
}

/** Makes a host. Nothing is loaded and no thread is started before it is needed. */
export function createNodeHost(options: NodeHostOptions = {}): NodeHost {
  const { threads = availableParallelism(), cache } = options;
  const pool = new ThreadPool(threads);
  return {
    version,
    runtime: pool,
    linearAlgebra: lazyLinearAlgebra(),
    sha256,
    clock: { now: () => performance.timeOrigin + performance.now() },
    files: nodeFiles,
    tasks: taskFolders,
    data: nodeData,
    prepareImage: (file, spec, changes, aside) => pool.prepareImage(file, spec, changes, aside),
    async openStepEngine(step, settings, state) {
      const { openTrainingThread } = await import("./training-thread.js");
      const chosen = { ...settings, threads: settings.threads ?? threads };
      return openTrainingThread(step, chosen, state);
    },
    async openTrainingLog(place) {
      const { openTrainingLog } = await import("./training-log.js");
      return openTrainingLog(place);
    },
    openFeatureCache: (base, onWarning) => async (featureSet, width) => {
      const { diskCaches } = await import("./cache/disk-cache.js");
      const open = diskCaches(cache ?? cacheFolder(), { base }, onWarning);
      return open(featureSet, width);
    },
    readBaseFile,
    warmUp: (modality) => pool.warmUp({ decoder: modality === "image" }),
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
