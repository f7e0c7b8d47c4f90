import { availableParallelism } from "node:os";
import type { LinearAlgebra } from "@engraft/core";
import { trainingWorkers, WorkerPool } from "@engraft/core/workers";
import type { Host } from "@engraft/tasks/predict";
import { version } from "../version.js";
import { readBaseFile } from "./base-files.js";
import { cacheFolder } from "./cache/location.js";
import { nodeData } from "./data/data.js";
import { nodeFiles } from "./files/node-files.js";
import { loadOnnxRuntime } from "./runtime/onnx-runtime.js";
import { sha256 } from "./sha256.js";
import { nodeTasks } from "./tasks/node-tasks.js";
import { startComputeWorker } from "./workers/compute-threads.js";
import { NODE_ERRORS } from "./workers/node-errors.js";
import { startTrainingWorker } from "./workers/training-threads.js";

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

/** The host of Node. */
export type NodeHost = Host;

/**
 * Makes the host of Node: threads with ONNX Runtime, sharp, and files on the disk. Nothing is loaded and
 * no thread is started before it is needed.
 */
export function createNodeHost(options: NodeHostOptions = {}): NodeHost {
  const { threads = availableParallelism(), cache } = options;
  const pool = new WorkerPool({
    start: startComputeWorker,
    cores: threads,
    errors: NODE_ERRORS,
    onWarning: (message) => process.emitWarning(message),
  });
  const openStepEngine = trainingWorkers(startTrainingWorker, NODE_ERRORS);
  return {
    version,
    runtime: pool,
    linearAlgebra: lazyLinearAlgebra(),
    sha256: (data) => (isShared(data) ? pool.sha256(data) : sha256(data)),
    clock: { now: () => performance.timeOrigin + performance.now() },
    files: nodeFiles,
    tasks: nodeTasks,
    data: nodeData,
    prepareImage: (file, spec, options) => pool.prepareImage(file, spec, options),
    openStepEngine: (step, settings, state) =>
      openStepEngine(step, { ...settings, threads: settings.threads ?? threads }, state),
    async openTrainingLog(place) {
      const { openTrainingLog } = await import("./training-log.js");
      return openTrainingLog(place);
    },
    openFeatureCache:
      ({ id }, onWarning) =>
      async (featureSet, width) => {
        const { diskCaches } = await import("./cache/disk-cache.js");
        const open = diskCaches(cache ?? cacheFolder(), { base: id }, onWarning);
        return open(featureSet, width);
      },
    openReportDrawer: async () => {
      const { drawReport, isReport } = await import("@engraft/report");
      return { isReport, draw: drawReport };
    },
    readPageParts: async () => (await import("./page-parts.js")).readPageParts(),
    readBaseFile,
    warmUp: (modality) => pool.warmUp({ images: modality === "image" }),
    close: () => pool.close(),
  };
}

/** Base models are, and hashing one would keep the main thread from other work. */
function isShared(data: Uint8Array | string): data is Uint8Array<SharedArrayBuffer> {
  return typeof data !== "string" && data.buffer instanceof SharedArrayBuffer;
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
