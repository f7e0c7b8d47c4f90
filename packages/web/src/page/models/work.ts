import type {
  FitResult,
  FoundLearningRate,
  Tensor,
  TrainingMetrics,
  TrainingStepOptions,
  TransferOptions,
  TransferReport,
} from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { Layer } from "@engraft/core/layers";
import type { ModelPredictOptions } from "@engraft/tasks";
import type { SentTraining } from "../../protocol/models.js";
import { type EngineConnection, sendable } from "../engine.js";
import { Model } from "./model.js";
import { OpenModel } from "./open-model.js";
import type {
  WebFindLearningRateOptions,
  WebFitOptions,
  WebModelEvaluateOptions,
  WebModelInputs,
  WebTestData,
  WebTrainingData,
} from "./options.js";
import { sendExamples } from "./send.js";
import { TrainingStep } from "./training-step.js";
import type { Weight } from "./weight.js";

/*
 * The work on models, in the worker that a model is in. `Engraft` has the same as methods.
 */

/**
 * Trains the trainable weights of a model in place. Frozen weights stay bit-identical.
 *
 * @throws UsageError when the configuration is not valid, nothing is trainable, or data, model and loss
 * do not fit one another; before the first update. And when another tab trains with the checkpoint.
 * @throws DataError when data cannot be used.
 * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
 * @throws CheckpointError when it cannot go on from the checkpoint.
 */
export async function fit(
  model: Model,
  data: WebTrainingData,
  options: WebFitOptions = {},
): Promise<FitResult> {
  const watch = { ...options, onTrainingEvent: options.onEvent };
  return model.handle.engine.callWith("fit", sentTraining(model, data, options), watch);
}

/**
 * Trains a copy of the trainable weights at ever higher learning rates, and reads a good one off the
 * losses (Smith 2017). The model stays as it is.
 *
 * @throws UsageError as {@link fit}, and when the range of rates is not one.
 * @throws DataError when data cannot be used.
 * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
 */
export async function findLearningRate(
  model: Model,
  data: WebTrainingData,
  options: WebFindLearningRateOptions = {},
): Promise<FoundLearningRate> {
  const prepare = sentTraining(model, data, options);
  return model.handle.engine.callWith("findLearningRate", prepare, options);
}

/** Prepares what crosses of a training. */
function sentTraining(
  model: Model,
  data: WebTrainingData,
  options: object,
): (made: ImageBitmap[]) => Promise<SentTraining> {
  return async (made) => {
    const examples = await sendExamples(data, model.handle.engine, made);
    return { ...model.sent(), data: examples, options: sendable(options) };
  };
}

/**
 * Compiles a training step once, for training loops of one's own.
 *
 * @throws UsageError when the configuration is not valid or nothing is trainable.
 * @throws AutodiffError when no gradient reaches a trainable weight, naming every node in the way.
 */
export async function compileTrainingStep(
  model: Model,
  options: TrainingStepOptions = {},
): Promise<TrainingStep> {
  const sent = { ...model.sent(), options: sendable(options) };
  const { step } = await model.handle.engine.call("compileStep", sent, options);
  return new TrainingStep(step, model);
}

/** Opens a model for any number of predictions; {@link OpenModel.close} frees it. */
export function openModel(model: Model): OpenModel {
  return new OpenModel(model);
}

/**
 * What a model gives for some examples: opens it, predicts in batches and closes it.
 *
 * @throws UsageError when the examples do not fit the model.
 * @throws DataError when an image cannot be decoded.
 */
export async function predict(
  model: Model,
  inputs: WebModelInputs,
  options: ModelPredictOptions = {},
): Promise<Tensor> {
  const open = openModel(model);
  try {
    return await open.predict(inputs, options);
  } finally {
    await open.close();
  }
}

/**
 * Loss and metrics of a model on labelled examples: of a data set the `test` split, else `val`, else
 * all.
 *
 * @throws UsageError when examples, model and loss do not fit one another.
 * @throws DataError when data cannot be used.
 */
export async function evaluate(
  model: Model,
  data: WebTestData,
  options: WebModelEvaluateOptions = {},
): Promise<TrainingMetrics> {
  const open = openModel(model);
  try {
    return await open.evaluate(data, options);
  } finally {
    await open.close();
  }
}

/**
 * Writes a model as an ONNX file in inference form: under a name in this browser, or into a file that the
 * user chose. To download or send it, {@link Model.toOnnx} gives its bytes.
 *
 * @throws OutputError when it cannot be written.
 */
export async function saveModel(
  model: Model,
  target: string | FileSystemFileHandle,
): Promise<void> {
  const { engine, number } = model.handle;
  await engine.call("saveModel", { model: number, place: target });
}

/**
 * Copies the values of weights from one model or layer to another by name. Nothing is changed where
 * `strict` finds a difference.
 *
 * @throws UsageError in strict mode, listing every difference; and when the models are of two instances.
 */
export async function transferWeights(
  from: Model | Layer<Weight>,
  to: Model | Layer<Weight>,
  options: TransferOptions = {},
): Promise<TransferReport> {
  const [source, target] = [placeOf(from), placeOf(to)];
  if (source.engine !== target.engine) {
    throw new UsageError(
      "The models are of two instances of Engraft, or of a worker that has died.",
    );
  }
  const sent = { from: source.sent, to: target.sent, options: { ...options } };
  return source.engine.call("transferWeights", sent);
}

function placeOf(given: Model | Layer<Weight>): {
  readonly engine: EngineConnection;
  readonly sent: { readonly model: number; readonly layer: string | undefined };
} {
  const handle = given instanceof Model ? given.handle : given.weights[0]?.handle;
  if (handle === undefined) {
    throw new UsageError("A layer without weights has nothing to transfer.");
  }
  const layer = given instanceof Model ? undefined : given.path;
  return { engine: handle.engine, sent: { model: handle.number, layer } };
}
