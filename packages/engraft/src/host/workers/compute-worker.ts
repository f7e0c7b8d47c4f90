/**
 * Entry of a compute worker of Node. It imports no more than a prediction needs at once: how fast a
 * worker starts is how fast the first prediction is.
 */
import { ortRuntime } from "@engraft/core/ort";
import { serveCompute } from "@engraft/core/workers/compute";
import { loadOnnxRuntime } from "../runtime/onnx-runtime.js";
import { sha256 } from "../sha256.js";
import { NODE_ERRORS } from "./node-errors.js";
import { parentPort } from "./node-port.js";

// Made ready at once: whatever the worker is for, it will soon be needed. A failure shows at its use.
const runtime = loadOnnxRuntime().then(ortRuntime);
runtime.then((loaded) => loaded.initialize?.()).catch(() => {});

serveCompute(parentPort(), {
  runtime,
  loadDecoder: async () => (await import("../image/worker-decoder.js")).workerDecoder(),
  sha256,
  errors: NODE_ERRORS,
});
