import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { UsageError } from "@engraft/core";
import {
  baseIds,
  type Inspection,
  type InspectOptions,
  inspectBase,
  inspectModel,
  inspectTask,
  isBaseId,
} from "@engraft/tasks/internal";
import { isTaskZip } from "@engraft/tasks/predict";
import { defaultEngraft } from "./engraft.js";
import { readModelFile } from "./host/files/model-file.js";

/**
 * Describes a task, a base model by its name, or an ONNX file.
 *
 * @throws UsageError when it is none of these.
 * @throws OnnxError when the file is not an ONNX model.
 */
export async function inspect(what: string, options: InspectOptions = {}): Promise<Inspection> {
  const { signal } = options;
  const { host } = defaultEngraft();
  signal?.throwIfAborted();
  if (isBaseId(what)) return inspectBase(what, host);
  const entry = await stat(what).catch(() => undefined);
  signal?.throwIfAborted();
  const isTask = entry?.isDirectory() || (entry?.isFile() && isTaskZip(what));
  if (isTask) return inspectTask(what, host);
  if (entry?.isFile()) {
    return inspectModel(what, basename(what), await readModelFile(what), options, host);
  }
  throw new UsageError(
    `${what} is neither a task, nor an ONNX file, nor a base model ` + `(${baseIds().join(", ")}).`,
  );
}
