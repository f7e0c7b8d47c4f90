import { readFile } from "node:fs/promises";
import { Model, modelOfBase, openBatch, preparationFor, UsageError } from "@engraft/core";
import { decodeModel } from "@engraft/onnx";
import { baseIds, isBaseId, resolveBase } from "../bases/resolve.js";
import { writeAtomically } from "../files.js";
import { sha256 } from "../platform/sha256.js";
import { parseTokenizer, readPreprocessing } from "./preprocess.js";

export interface LoadModelOptions {
  /**
   * How raw texts or pictures become the inputs of an ONNX file: `imagenet`, or the path of a JSON
   * file with the words of a base's `preprocessing`. Needed to train on a data set, not on tensors.
   */
  readonly preprocess?: string | undefined;
}

/**
 * Loads a model to take layers from: a base model by its name, or any ONNX file.
 *
 * ```ts
 * const base = await loadModel("efficientnet-lite0");
 * base.trainable = false;
 * const model = base.cut("features").append([layers.dropout(0.2), layers.dense(2)]);
 * ```
 *
 * @throws UsageError when there is neither such a base nor such a file, or the preprocessing does not
 * fit the model.
 * @throws OnnxError when the file is not an ONNX model that Engraft can read.
 */
export async function loadModel(name: string, options: LoadModelOptions = {}): Promise<Model> {
  const { preprocess } = options;
  if (isBaseId(name)) {
    return modelOfBase(await resolveBase(name, { sha256 }), { writeFile: writeAtomically });
  }
  const bytes = await readFile(name).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(
      `"${name}" is neither a base model (${baseIds().join(", ")}) nor a file that can be read ` +
        `(${cause.code ?? cause.message}).`,
      { cause },
    );
  });
  const onnx = openBatch(decodeModel(bytes));
  if (preprocess === undefined) return Model.fromOnnx(onnx, { writeFile: writeAtomically });
  const { preprocessing, tokenizerFile } = await readPreprocessing(preprocess);
  const tokenizer = parseTokenizer(tokenizerFile);
  return Model.fromOnnx(onnx, {
    preparation: preparationFor(onnx.graph.inputs, preprocessing, tokenizer),
    writeFile: writeAtomically,
  });
}
