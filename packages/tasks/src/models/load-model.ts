import { Model, modelOfBase, preparationFor, UsageError } from "@engraft/core";
import { openBatch } from "@engraft/core/internal";
import { type DecodeOptions, decodeModel, type Model as OnnxModel } from "@engraft/onnx";
import { bindModel } from "../bases/bind.js";
import { parseTokenizer, readPreprocessing } from "../bases/preprocessing.js";
import { baseIds, isBaseId } from "../bases/registry.js";
import type { InputBinding } from "../format/manifest/config.js";
import type { HostFiles } from "../host.js";
import type { Workspace } from "../workspace.js";

/** How a model is loaded. */
export interface LoadModelOptions {
  /**
   * How raw texts or images become the inputs of an ONNX file: `imagenet`, or the place of a JSON
   * file with the words of a base's `preprocessing`. Needed to train on a data set, not on tensors.
   */
  readonly preprocess?: string | undefined;
  /**
   * Inputs of an ONNX model that become constants, and names of sizes that become numbers:
   * `[{ name: "sr", values: [16000] }]`. An `If` on such an input is then the branch that it takes.
   */
  readonly bind?: readonly InputBinding[] | undefined;
  /**
   * Of a model that is given as bytes: returns the whole content of an external data file, by its
   * location in the model. Beside a file, external data is found without it.
   */
  readonly externalData?: DecodeOptions["externalData"] | undefined;
  /** Stops the work between reading, decoding and taking the model apart. */
  readonly signal?: AbortSignal | undefined;
}

/** Loads a model to take layers from; `Engraft.loadModel` is its form for programs. */
export async function loadModel(
  name: string | Uint8Array,
  options: LoadModelOptions,
  { host, bases }: Workspace,
): Promise<Model> {
  const { preprocess, bind, signal } = options;
  signal?.throwIfAborted();
  if (typeof name === "string" && isBaseId(name)) {
    const base = await bases.open(name, { preprocess, bind });
    signal?.throwIfAborted();
    return modelOfBase(base);
  }
  const decoded = await readModel(name, options, host.files);
  signal?.throwIfAborted();
  const onnx = openBatch(bindModel(decoded, bind ?? []));
  if (preprocess === undefined) return Model.fromOnnx(onnx);
  const { preprocessing, tokenizerFile } = await readPreprocessing(preprocess, host.files);
  signal?.throwIfAborted();
  const tokenizer = parseTokenizer(tokenizerFile);
  return Model.fromOnnx(onnx, {
    preparation: preparationFor(onnx.graph.inputs, preprocessing, () => tokenizer),
  });
}

async function readModel(
  given: string | Uint8Array,
  { externalData }: LoadModelOptions,
  files: HostFiles,
): Promise<OnnxModel> {
  if (typeof given !== "string") return decodeModel(given, externalData && { externalData });
  if (externalData !== undefined) {
    throw new UsageError(
      "externalData is for a model that is given as bytes: beside a file its data is found.",
    );
  }
  const { model } = await files.readModel(given, (cause) => {
    return new UsageError(
      `"${given}" is neither a base model (${baseIds().join(", ")}) nor a file that can be read: ` +
        `${cause.message}.`,
      { cause },
    );
  });
  return model;
}
