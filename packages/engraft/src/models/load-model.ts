import { Model, modelOfBase, openBatch, preparationFor, UsageError } from "@engraft/core";
import { type DecodeOptions, decodeModel, type Model as OnnxModel } from "@engraft/onnx";
import {
  baseIds,
  bindModel,
  isBaseId,
  OpenBases,
  parseTokenizer,
  readPreprocessing,
} from "@engraft/tasks";
import { readBaseFile } from "../host/base-files.js";
import { writeAtomically } from "../host/files/durable.js";
import { readModelFile } from "../host/files/model-file.js";
import { nodeFiles } from "../host/files/node-files.js";
import { sha256 } from "../host/sha256.js";

export interface LoadModelOptions {
  /**
   * How raw texts or images become the inputs of an ONNX file: `imagenet`, or the path of a JSON
   * file with the words of a base's `preprocessing`. Needed to train on a data set, not on tensors.
   */
  readonly preprocess?: string | undefined;
  /**
   * Inputs of an ONNX model that become constants, and names of sizes that become numbers:
   * `{ sr: 16000 }`. An `If` on such an input is then the branch that it takes.
   */
  readonly bind?: Readonly<Record<string, number | readonly number[]>> | undefined;
  /**
   * Of a model that is given as bytes: returns the whole content of an external data file, by its
   * location in the model. Beside a file, external data is found without it.
   */
  readonly externalData?: DecodeOptions["externalData"] | undefined;
}

/**
 * Loads a model to take layers from: a base model by its name, or any ONNX model by the path of its
 * file, with the external data beside it, or as bytes.
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
export async function loadModel(
  name: string | Uint8Array,
  options: LoadModelOptions = {},
): Promise<Model> {
  const { preprocess } = options;
  if (typeof name === "string" && isBaseId(name)) {
    if (options.bind !== undefined) throw new UsageError("bind is for ONNX models, not for bases.");
    if (preprocess !== undefined) {
      throw new UsageError(
        "preprocess is for ONNX models: a base knows how its inputs are prepared.",
      );
    }
    return modelOfBase(await new OpenBases({ sha256, readBaseFile, files: nodeFiles }).open(name), {
      writeFile: writeAtomically,
    });
  }
  const bindings = new Map(
    Object.entries(options.bind ?? {}).map(([input, value]) => [input, [value].flat()]),
  );
  const onnx = openBatch(bindModel(await readModel(name, options), bindings));
  if (preprocess === undefined) return Model.fromOnnx(onnx, { writeFile: writeAtomically });
  const { preprocessing, tokenizerFile } = await readPreprocessing(preprocess, nodeFiles);
  const tokenizer = parseTokenizer(tokenizerFile);
  return Model.fromOnnx(onnx, {
    preparation: preparationFor(onnx.graph.inputs, preprocessing, tokenizer),
    writeFile: writeAtomically,
  });
}

async function readModel(
  given: string | Uint8Array,
  { externalData }: LoadModelOptions,
): Promise<OnnxModel> {
  if (typeof given !== "string") return decodeModel(given, externalData && { externalData });
  if (externalData !== undefined) {
    throw new UsageError(
      "externalData is for a model that is given as bytes: beside a file its data is found.",
    );
  }
  const { model } = await readModelFile(given, (cause) => {
    return new UsageError(
      `"${given}" is neither a base model (${baseIds().join(", ")}) nor a file that can be read: ` +
        `${cause.message}.`,
      { cause },
    );
  });
  return model;
}
