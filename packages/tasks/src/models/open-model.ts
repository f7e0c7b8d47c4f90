import type {
  LossConfigInput,
  Model,
  ModelPassOptions,
  ModelSession,
  NamedTensors,
  TensorExamples,
  TrainingMetrics,
  Truncation,
} from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { Tensor } from "@engraft/onnx/graph";
import type { Host } from "../host.js";
import { rawInput } from "../sources/open-inputs.js";
import type { ReadingOptions, RunOptions } from "../sources/options.js";
import type { NamedInput } from "../sources/source.js";
import type { ModelTestData } from "./examples.js";
import { modelTruncationWarning } from "./truncation.js";

/** What a model predicts: raw inputs, as its preparation takes them, or tensors by its inputs. */
export type ModelInputs = readonly (string | Uint8Array | NamedInput)[] | NamedTensors;

/** How examples are run. */
export interface ModelPredictOptions extends Pick<RunOptions, "signal" | "onWarning"> {
  /** Examples that are run together. Default 32. */
  readonly batchSize?: number | undefined;
}

/** How a model is measured. */
export interface ModelEvaluateOptions extends ModelPredictOptions, ReadingOptions {
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
  readonly #host: Host;
  #session: Promise<ModelSession> | undefined;
  #closed = false;

  /** @internal Made by `Engraft.openModel`. */
  constructor(model: Model, host: Host) {
    this.#model = model;
    this.#host = host;
  }

  /**
   * Runs one batch.
   *
   * @returns The outputs of the model by name.
   * @throws UsageError when the tensors do not fit the inputs of the model.
   */
  async run(feeds: NamedTensors): Promise<ReadonlyMap<string, Tensor>> {
    return (await this.#open()).run(feeds);
  }

  /**
   * What the model gives for some examples, in batches: its output [examples, ...].
   *
   * @param inputs - Tensors by the model's inputs; or, for a model that knows how they are prepared,
   *   texts, or places or bytes of image files, or inputs that were read.
   * @throws UsageError when the examples do not fit the model.
   * @throws DataError when an image cannot be decoded.
   */
  async predict(inputs: ModelInputs, options: ModelPredictOptions = {}): Promise<Tensor> {
    const session = await this.#open();
    return session.predict(this.#toExamples(inputs), this.#passOptions(options));
  }

  /**
   * Loss and metrics on labelled examples: of a data set the `test` split, else `val`, else all.
   *
   * @throws UsageError when examples, model and loss do not fit one another.
   * @throws DataError when data at a place cannot be used.
   */
  async evaluate(
    data: ModelTestData,
    options: ModelEvaluateOptions = {},
  ): Promise<TrainingMetrics> {
    const session = await this.#open();
    const { loss = "cross-entropy" } = options;
    const { parseLossConfig } = await import("@engraft/core");
    const { divideOptions, openExamples } = await import("./examples.js");
    const config = parseLossConfig(loss);
    const examples = await openExamples<TensorExamples>(
      data,
      "evaluate",
      divideOptions(options).reading,
      this.#host,
    );
    return session.evaluate(examples, config, this.#passOptions(options));
  }

  /** Frees the model. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await (await this.#session)?.release();
  }

  /** As {@link OpenModel.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<ModelSession> {
    if (this.#closed) {
      throw new UsageError("The model was closed. Open it again with openModel(model).");
    }
    this.#session ??= this.#load();
    return this.#session;
  }

  /** The engine is loaded late: an instance that only predicts with tasks does without it. */
  async #load(): Promise<ModelSession> {
    const { ModelSession } = await import("@engraft/core");
    return new ModelSession(this.#model, this.#host);
  }

  #passOptions({ batchSize, signal, onWarning }: ModelPredictOptions): ModelPassOptions {
    const onTruncation = (truncation: Truncation): void => {
      const warning = modelTruncationWarning(this.#model, truncation);
      if (warning !== undefined) onWarning?.(warning);
    };
    return { batchSize, signal, onTruncation };
  }

  #toExamples(inputs: ModelInputs): Parameters<ModelSession["predict"]>[0] {
    if (!Array.isArray(inputs)) return inputs as NamedTensors;
    const isImage = this.#model.preparation?.preprocessing.kind === "image";
    const modality = isImage ? "image" : "text";
    return inputs.map((input: unknown, index) =>
      rawInput(input, index + 1, modality, this.#host.data, undefined),
    );
  }
}
