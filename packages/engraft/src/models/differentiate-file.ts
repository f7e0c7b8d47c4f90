import { differentiate } from "@engraft/autodiff";
import { patternOf, UsageError } from "@engraft/core";
import { decodeModel, type Model } from "@engraft/onnx";
import { writeAtomically } from "../files.js";
import { readModelFile } from "./read-model-file.js";

/** What {@link differentiateFile} did. */
export interface DifferentiatedFile {
  readonly output: string;
  readonly bytes: number;
  /** Inputs of the step: those of the model, then its weights. */
  readonly inputs: readonly string[];
  /** `loss`, then `grad/<weight>` for each weight. */
  readonly outputs: readonly string[];
}

/**
 * Turns an ONNX file into a plain ONNX model of its loss and gradients, for training loops of one's
 * own: in any language, on any ONNX Runtime.
 *
 * @throws UsageError when the file is not there, or no weight matches `wrt`.
 * @throws AutodiffError when the model cannot be differentiated, naming every node in the way.
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
  },
): Promise<DifferentiatedFile> {
  const { bytes, model, dataFiles } = await readModelFile(path);
  const { loss, wrt } = options;
  const step = differentiate(bytes, {
    loss,
    ...(wrt !== undefined && { wrt: matchingWeights(model, wrt) }),
    externalData: (location) => dataFiles.get(location)!,
  });
  await writeAtomically(options.output, step);
  const { inputs, outputs } = decodeModel(step).graph;
  return {
    output: options.output,
    bytes: step.length,
    inputs: inputs.map(({ name }) => name),
    outputs: outputs.map(({ name }) => name),
  };
}

function matchingWeights({ graph }: Model, pattern: string): string[] {
  const { initializers } = graph;
  const floats = Array.from(initializers).flatMap(([name, { dtype }]) =>
    dtype.includes("float") ? [name] : [],
  );
  const expression = patternOf(pattern);
  const matching = floats.filter((name) => expression.test(name));
  if (matching.length > 0) return matching;
  throw new UsageError(
    `No weight matches "${pattern}". The model's weights are named like ${floats.slice(0, 3).join(", ") || "(it has none)"}; * stands for one part of a name, ** for any number.`,
  );
}
