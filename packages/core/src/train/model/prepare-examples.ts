import type { Tensor } from "@engraft/onnx";
import { classesOf } from "../../dataset/classes.js";
import type { Dataset, SingleLabelExample } from "../../dataset/dataset.js";
import { UsageError } from "../../errors.js";
import type { InputPreparation } from "../../model/edit/preparation.js";
import type { Model } from "../../model/model.js";
import type { Platform } from "../../platform.js";
import { feedsOf, type NamedTensors } from "../../runtime/feeds.js";
import { checkPairs, checkTargets } from "../feed/check-targets.js";
import { checkInputs, refuseNaN } from "../feed/check-tensors.js";
import { datasetSource, tensorSource } from "../feed/example-source.js";
import { pairSamples, singleSamples } from "../feed/samples.js";
import type { FitSamples } from "../loop/fit.js";
import type { FitConfig } from "../settings/config.js";

/** Examples that are tensors already; the first axis of each counts the examples. */
export interface TensorExamples {
  /** By the model's input. */
  readonly inputs: NamedTensors;
  /** What the loss compares with: class numbers (int64), or float32 numbers. */
  readonly targets: Tensor;
  /**
   * For the loss `cosine-similarity`: the examples of each pair; `targets` has one number a pair.
   */
  readonly pairs?: readonly (readonly [first: number, second: number])[] | undefined;
}

/**
 * Tensors as samples of a training, checked against the model and the loss.
 *
 * @param where - What they are called in messages: `train`.
 * @throws UsageError for the first thing that does not fit, before anything is run.
 */
export function tensorSamples(
  model: Model,
  examples: TensorExamples,
  { loss }: Pick<FitConfig, "loss">,
  where: string,
): FitSamples {
  if (typeof examples?.inputs !== "object" || examples.targets === undefined) {
    throw new UsageError(
      `${where} is not { inputs, targets }: the tensors of the model's inputs by name, and what the loss ` +
        "compares its output with.",
    );
  }
  const inputs = feedsOf(examples.inputs);
  const { targets, pairs } = examples;
  const count = checkInputs(model.inputs, inputs, `${where}.inputs`);
  for (const [name, tensor] of inputs) refuseNaN(tensor, `${where}.inputs: "${name}"`);
  checkPairs(pairs, loss.name, count, where);
  const samples = pairs?.length ?? count;
  checkTargets(targets, loss.name, model.output, samples, `${where}.targets`);
  return {
    source: tensorSource(inputs, fixedBatch(model, count)),
    samples: pairs === undefined ? singleSamples(targets) : pairSamples(pairs, targets),
  };
}

/**
 * The examples that a model reads at once where its batch is fixed; undefined where it is not.
 *
 * @throws UsageError when the examples do not make whole batches.
 */
export function fixedBatch({ inputs }: Model, count: number): number | undefined {
  const fixed = inputs.find(({ type }) => typeof type.shape?.[0] === "number")?.type.shape?.[0];
  if (typeof fixed !== "number") return undefined;
  if (count % fixed === 0) return fixed;
  throw new UsageError(
    `The model takes batches of ${fixed} only, and there are ${count} examples. Export it with a dynamic first axis.`,
  );
}

/**
 * Examples of a data set as samples of a training.
 *
 * @throws UsageError when the model takes tensors alone, another kind of data, or does not fit the
 * labels.
 */
export function datasetSamples(
  model: Model,
  { modality, labels }: Dataset,
  examples: readonly SingleLabelExample[],
  { loss }: Pick<FitConfig, "loss">,
  platform: Pick<Platform, "prepareImage">,
): FitSamples {
  const preparation = requirePreparation(model);
  const { kind } = preparation.preprocessing;
  if (kind !== modality) {
    throw new UsageError(`The model reads ${kind}s, and the data set holds ${modality}s.`);
  }
  if (loss.name !== "cross-entropy") {
    throw new UsageError(
      `A data set has one label for each example, and the loss "${loss.name}" compares with numbers. ` +
        "Train with cross-entropy, or give tensors.",
    );
  }
  const outputs = model.output.type.shape?.at(-1);
  if (typeof outputs === "number" && outputs !== labels.length) {
    throw new UsageError(
      `The data has ${labels.length} labels and the model gives ${outputs} numbers. End it in dense(${labels.length}).`,
    );
  }
  const classOf = classesOf(labels);
  const targets = examples.map(({ target, source }) => {
    const found = classOf.get(target.label);
    if (found !== undefined) return BigInt(found);
    throw new UsageError(
      `${source} has the label "${target.label}", which is not among the labels of the data set.`,
    );
  });
  const data = BigInt64Array.from(targets);
  const inputs = examples.map(({ input }) => input);
  return {
    source: datasetSource(inputs, preparation, platform),
    samples: singleSamples({ dtype: "int64", dims: [data.length], data }),
  };
}

/** @throws UsageError for a model that takes tensors alone. */
export function requirePreparation({ preparation }: Model): InputPreparation {
  if (preparation !== undefined) return preparation;
  throw new UsageError(
    "It is not known how raw examples become the inputs of this model. Load it with `preprocess`, or give tensors.",
  );
}
