/** Entry of a training worker of Node. */
import { ortRuntime } from "@engraft/core/ort";
import { serveTraining } from "@engraft/core/workers/training";
import { loadOnnxRuntime } from "../runtime/onnx-runtime.js";
import { NODE_ERRORS } from "./node-errors.js";
import { parentPort } from "./node-port.js";

serveTraining(parentPort(), { runtime: loadOnnxRuntime().then(ortRuntime), errors: NODE_ERRORS });
