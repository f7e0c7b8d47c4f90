import type {
  FitResult,
  FoundLearningRate,
  Model,
  TrainingMetrics,
  TrainingStep,
  TrainingStepOptions,
} from "@engraft/core";
import type { Tensor } from "@engraft/onnx";
import type {
  FindLearningRateOptions,
  FitOptions,
  LoadModelOptions,
  ModelEvaluateOptions,
  ModelInputs,
  ModelPredictOptions,
  ModelTestData,
  ModelTrainingData,
  OpenModel,
} from "@engraft/tasks/predict";
import { defaultEngraft } from "../engraft.js";

/*
 * The work on models as functions, on the instance that all free functions share. `Engraft` has the same
 * as methods.
 */

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
 * @throws IntegrityError when a file of a base is missing or was altered.
 */
export function loadModel(name: string | Uint8Array, options?: LoadModelOptions): Promise<Model> {
  return defaultEngraft().loadModel(name, options);
}

/**
 * Writes a model as an ONNX file in inference form, with everything merged that was added to train it.
 * The file is complete or as it was before.
 *
 * @throws OutputError when it cannot be written.
 */
export function saveModel(model: Model, path: string): Promise<void> {
  return defaultEngraft().saveModel(model, path);
}

/**
 * Trains the trainable weights of a model in place, on a thread of its own. Frozen weights stay
 * bit-identical.
 *
 * ```ts
 * await fit(model, "photos/", { epochs: 20, learningRate: 1e-3, seed: 1 });
 * ```
 *
 * @throws UsageError when the configuration is not valid, nothing is trainable, or data, model and loss
 * do not fit one another; before the first update.
 * @throws DataError when data at a path cannot be used.
 * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
 * @throws CheckpointError when it cannot go on from the checkpoint.
 */
export function fit(
  model: Model,
  data: ModelTrainingData,
  options?: FitOptions,
): Promise<FitResult> {
  return defaultEngraft().fit(model, data, options);
}

/**
 * Trains a copy of the trainable weights at ever higher learning rates, and reads a good one off the
 * losses (Smith 2017). The model stays as it is.
 *
 * ```ts
 * const { suggestion } = await findLearningRate(model, "photos/", { batchSize: 32 });
 * ```
 *
 * @throws UsageError as {@link fit}, and when the range of rates is not one.
 * @throws DataError when data at a path cannot be used.
 * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
 */
export function findLearningRate(
  model: Model,
  data: ModelTrainingData,
  options?: FindLearningRateOptions,
): Promise<FoundLearningRate> {
  return defaultEngraft().findLearningRate(model, data, options);
}

/**
 * Compiles a training step once, for training loops of one's own; it runs on a thread of its own.
 *
 * ```ts
 * await using step = await compileTrainingStep(model, { optimizer: "adamw", seed: 1 });
 * for (const batch of batches) {
 *   const { loss, gradients } = await step.valueAndGrad(batch);
 *   await step.apply(gradients, { learningRate: 1e-3 });
 * }
 * ```
 *
 * @throws UsageError when the configuration is not valid or nothing is trainable.
 * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
 */
export function compileTrainingStep(
  model: Model,
  options?: TrainingStepOptions,
): Promise<TrainingStep> {
  return defaultEngraft().compileTrainingStep(model, options);
}

/** Opens a model for any number of predictions; {@link OpenModel.close} frees it. */
export function openModel(model: Model): OpenModel {
  return defaultEngraft().openModel(model);
}

/**
 * What a model gives for some examples: opens it, predicts in batches and closes it. For more than
 * one call, {@link openModel}.
 *
 * ```ts
 * const { dims, data } = await predict(model, ["a.jpg", "b.jpg"]);
 * ```
 *
 * @throws UsageError when the examples do not fit the model.
 * @throws DataError when an image cannot be decoded.
 */
export function predict(
  model: Model,
  inputs: ModelInputs,
  options?: ModelPredictOptions,
): Promise<Tensor> {
  return defaultEngraft().predict(model, inputs, options);
}

/**
 * Loss and metrics of a model on labelled examples: of a data set the `test` split, else `val`, else
 * all.
 *
 * ```ts
 * const { loss, accuracy } = await evaluate(model, "photos/");
 * ```
 *
 * @throws UsageError when examples, model and loss do not fit one another.
 * @throws DataError when data at a path cannot be used.
 */
export function evaluate(
  model: Model,
  data: ModelTestData,
  options?: ModelEvaluateOptions,
): Promise<TrainingMetrics> {
  return defaultEngraft().evaluate(model, data, options);
}
