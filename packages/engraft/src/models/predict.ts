import {
  type Dataset,
  type LossConfigInput,
  lossConfigSchema,
  type Model,
  ModelSession,
  type NamedTensors,
  type PredictOptions,
  type TensorExamples,
  type TrainingMetrics,
  type Truncation,
  UsageError,
} from "@engraft/core";
import type { Tensor } from "@engraft/onnx";
import { rawInput } from "../data/raw-input.js";
import { createNodeHost, type NodeHost } from "../host/node-host.js";
import { modelTruncationWarning } from "./truncation.js";

/** What a model predicts: raw inputs, as its preparation takes them, or tensors by its inputs. */
export type ModelInputs = readonly (string | Uint8Array)[] | NamedTensors;

/** How examples are run. */
export interface ModelPredictOptions {
  /** Examples that are run together. Default 32. */
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told what costs something without stopping the work: texts that are cut. Default: ignored. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** How a model is measured. */
export interface ModelEvaluateOptions extends ModelPredictOptions {
  /** Default `cross-entropy`. */
  readonly loss?: LossConfigInput | undefined;
}

/**
 * A model that is loaded once and answers any number of calls, until it is closed. What it answers
 * follows the weights: after training, or after values were written into a weight, the next call
 * loads the model anew.
 *
 * ```ts
 * await using open = openModel(model);
 * const { data } = await open.predict({ input: tensor });
 * ```
 */
export class OpenModel {
  readonly #model: Model;
  readonly #platform: NodeHost;
  readonly #session: ModelSession;
  #closed = false;

  constructor(model: Model) {
    this.#model = model;
    this.#platform = createNodeHost();
    this.#session = new ModelSession(model, this.#platform);
  }

  /**
   * Runs one batch.
   *
   * @returns The outputs of the model by name.
   * @throws UsageError when the tensors do not fit the inputs of the model.
   */
  run(feeds: NamedTensors): Promise<ReadonlyMap<string, Tensor>> {
    return this.#opened().run(feeds);
  }

  /**
   * What the model gives for some examples, in batches: its output [examples, ...].
   *
   * @param inputs - Tensors by the model's inputs; or, for a model that knows how they are prepared,
   *   texts, or paths or bytes of image files.
   * @throws UsageError when the examples do not fit the model.
   * @throws DataError when an image cannot be decoded.
   */
  predict(inputs: ModelInputs, options: ModelPredictOptions = {}): Promise<Tensor> {
    return this.#opened().predict(this.#toExamples(inputs), this.#passOptions(options));
  }

  /**
   * Loss and figures on labelled examples: of a data set the `test` split, else `val`, else all.
   *
   * @throws UsageError when examples, model and loss do not fit one another.
   */
  evaluate(
    examples: Dataset | TensorExamples,
    options: ModelEvaluateOptions = {},
  ): Promise<TrainingMetrics> {
    const { loss = "cross-entropy" } = options;
    return this.#opened().evaluate(examples, parseLoss(loss), this.#passOptions(options));
  }

  /** Frees the model and stops its threads. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#session.release();
    await this.#platform.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #opened(): ModelSession {
    if (!this.#closed) return this.#session;
    throw new UsageError("The model was closed. Open it again with openModel(model).");
  }

  #passOptions({ batchSize, signal, onWarning }: ModelPredictOptions): PredictOptions {
    const onTruncation = (truncation: Truncation): void => {
      const warning = modelTruncationWarning(this.#model, truncation);
      if (warning !== undefined) onWarning?.(warning);
    };
    return { batchSize, signal, onTruncation };
  }

  #toExamples(inputs: ModelInputs): Parameters<ModelSession["predict"]>[0] {
    if (!Array.isArray(inputs)) return inputs as NamedTensors;
    const modality = this.#model.preparation?.preprocessing.kind ?? "text";
    return inputs.map((input: string | Uint8Array) => rawInput(input, modality));
  }
}

/** Opens a model for any number of predictions; {@link OpenModel.close} frees it. */
export function openModel(model: Model): OpenModel {
  return new OpenModel(model);
}

/**
 * What a model gives for some examples: opens it, predicts in batches and closes it. For more than
 * one call, {@link openModel}.
 *
 * ```ts
 * const { dims, data } = await predict(model, ["a.jpg", "b.jpg"]);
 * ```
 *
 * @throws UsageError as {@link OpenModel.predict}.
 */
export async function predict(
  model: Model,
  inputs: ModelInputs,
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
 * Loss and figures of a model on labelled examples.
 *
 * ```ts
 * const { loss, accuracy } = await evaluate(model, await readDataset("photos/"));
 * ```
 *
 * @throws UsageError as {@link OpenModel.evaluate}.
 */
export async function evaluate(
  model: Model,
  examples: Dataset | TensorExamples,
  options: ModelEvaluateOptions = {},
): Promise<TrainingMetrics> {
  const open = openModel(model);
  try {
    return await open.evaluate(examples, options);
  } finally {
    await open.close();
  }
}

function parseLoss(input: LossConfigInput): ReturnType<typeof lossConfigSchema.parse> {
  const result = lossConfigSchema.safeParse(input);
  if (result.success) return result.data;
  throw new UsageError(`The loss is not valid: ${result.error.issues[0]?.message}.`);
}
