import { DIFFERENTIATOR, differentiateWeights } from "@engraft/autodiff";
import { UsageError } from "@engraft/core";
import { patternOf } from "@engraft/core/internal";
import {
  decodeModel,
  encodeModel,
  findWeights,
  type LeftOut,
  type Model,
  normalize,
} from "@engraft/onnx";
import { bindModel, type InputBinding } from "@engraft/tasks/internal";
import { requireWritable, writeAtomically } from "../host/files/durable.js";
import { readModelFile } from "../host/files/model-file.js";
import { requireReplaceableFile } from "../host/files/replaceable-file.js";

/** What {@link differentiateFile} did. */
export interface DifferentiatedFile {
  readonly output: string;
  readonly bytes: number;
  /** Inputs of the step: those of the model, then its weights. */
  readonly inputs: readonly string[];
  /** `loss`, then `grad/<weight>` for each weight; with a number behind where the model has such a name. */
  readonly outputs: readonly string[];
  /** Weights without a gradient, and stored floats that are no weights, each with the reason. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Turns an ONNX file into a plain ONNX model of its loss and gradients, for training loops of one's
 * own: in any language, on any ONNX Runtime.
 *
 * @throws UsageError when the file is not there, no weight matches `wrt`, or something else than a
 * differentiated model is at `output`.
 * @throws AutodiffError when the model cannot be differentiated, naming every node in the way, and
 * when no gradient flows to any weight, with the reason.
 */
export async function differentiateFile(
  path: string,
  options: {
    /** Value of the model that is the loss. */
    readonly loss: string;
    /**
     * Names of weights: `*` stands for any part of a name between dots or slashes, `**` for anything.
     * Default: every weight.
     */
    readonly wrt?: string | undefined;
    readonly output: string;
    /** Inputs that become constants, and names of sizes that become numbers. */
    readonly bind?: readonly InputBinding[] | undefined;
    /** Stops the work between reading, differentiating and writing. */
    readonly signal?: AbortSignal | undefined;
  },
): Promise<DifferentiatedFile> {
  const file = await readModelFile(path);
  const model = bindModel(file.model, options.bind ?? []);
  const { loss, wrt, output, signal } = options;
  signal?.throwIfAborted();
  await requireReplaceableFile(output, "a differentiated model", isDifferentiated);
  await requireWritable(output);
  const only = wrt === undefined ? undefined : matcher(model, wrt);
  const differentiated = differentiateWeights(model, { loss, ...(only && { only }) });
  signal?.throwIfAborted();
  const step = encodeModel(differentiated.model);
  await writeAtomically(output, step);
  const { inputs, outputs } = differentiated.model.graph;
  return {
    output,
    bytes: step.length,
    inputs: inputs.map(({ name }) => name),
    outputs: outputs.map(({ name }) => name),
    leftOut: differentiated.leftOut,
  };
}

function isDifferentiated(bytes: Uint8Array): boolean {
  try {
    return decodeModel(bytes).producer.name === DIFFERENTIATOR.name;
  } catch {
    return false;
  }
}

/** @throws UsageError when no weight of the model matches. */
function matcher(model: Model, pattern: string): (name: string) => boolean {
  const expression = patternOf(pattern);
  const names = findWeights(normalize(model)).weights.map(({ name }) => name);
  if (names.some((name) => expression.test(name))) return (name) => expression.test(name);
  throw new UsageError(
    `No weight matches "${pattern}". The model's weights are named like ${names.slice(0, 3).join(", ") || "(it has none)"}; * stands for one part of a name, ** for any number.`,
  );
}
