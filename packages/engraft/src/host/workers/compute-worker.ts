/**
 * Entry of a compute worker of Node. It imports no more than a prediction needs at once: how fast a
 * worker starts is how fast the first prediction is.
 */
import { workerData } from "node:worker_threads";
import { ortRuntime } from "@engraft/core/ort";
import type { WorkerNeeds } from "@engraft/core/workers";
import { type ComputeHome, serveCompute } from "@engraft/core/workers/compute";
import { loadOnnxRuntime } from "../runtime/onnx-runtime.js";
import { NODE_ERRORS } from "./node-errors.js";
import { parentPort } from "./node-port.js";

const loadDecoder: ComputeHome["loadDecoder"] = async () =>
  (await import("../image/worker-decoder.js")).workerDecoder();

// Loaded at once: whatever the worker is for, it will soon be needed. A failure shows at its use.
const runtime = loadOnnxRuntime().then(ortRuntime);
if ((workerData as WorkerNeeds).images) loadDecoder().catch(() => {});

serveCompute(parentPort(), { runtime, loadDecoder, errors: NODE_ERRORS });
