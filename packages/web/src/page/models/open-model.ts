import type { NamedTensors, Tensor, TrainingMetrics } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { ModelPredictOptions } from "@engraft/tasks";
import { type EngineConnection, sendable } from "../engine.js";
import { Handle } from "../handle.js";
import type { Model } from "./model.js";
import type { WebModelEvaluateOptions, WebModelInputs, WebTestData } from "./options.js";
import { sendExamples, sendModelInputs } from "./send.js";

/**
 * A model that is loaded once and answers any number of calls, until it is closed. What it answers
 * follows the weights.
 *
 * ```ts
 * await using open = openModel(model);
 * const { data } = await open.predict({ input: tensor });
 * ```
 */
export class OpenModel {
  readonly #model: Model;
  #opening: Promise<Handle> | undefined;
  #isClosed = false;

  /** @internal Made by `openModel`. */
  constructor(model: Model) {
    this.#model = model;
  }

  /**
   * Runs one batch.
   *
   * @returns The outputs of the model by name.
   * @throws UsageError when the tensors do not fit the inputs of the model.
   */
  async run(feeds: NamedTensors): Promise<ReadonlyMap<string, Tensor>> {
    const { engine, number } = await this.#open();
    return (await engine.call("runModel", { open: number, feeds })).outputs;
  }

  /**
   * What the model gives for some examples, in batches: its output [examples, ...].
   *
   * @param inputs - Tensors by the model's inputs; or, for a model that knows how they are prepared,
   *   texts or images.
   * @throws UsageError when the examples do not fit the model.
   * @throws DataError when an image cannot be decoded.
   */
  async predict(inputs: WebModelInputs, options: ModelPredictOptions = {}): Promise<Tensor> {
    const { engine, number } = await this.#open();
    const prepare = async (made: ImageBitmap[]) => ({
      open: number,
      inputs: await sendModelInputs(inputs, this.#model, made),
      options: sendable(options),
    });
    return engine.callWith("predictModel", prepare, options);
  }

  /**
   * Loss and metrics on labelled examples: of a data set the `test` split, else `val`, else all.
   *
   * @throws UsageError when examples, model and loss do not fit one another.
   * @throws DataError when data cannot be used.
   */
  async evaluate(
    data: WebTestData,
    options: WebModelEvaluateOptions = {},
  ): Promise<TrainingMetrics> {
    const { engine, number } = await this.#open();
    const prepare = async (made: ImageBitmap[]) => ({
      open: number,
      data: await sendExamples(data, engine, made),
      options: sendable(options),
    });
    return engine.callWith("evaluateModel", prepare, options);
  }

  /** Frees what was loaded. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await (await this.#opening)?.close();
  }

  /** As {@link OpenModel.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<Handle> {
    if (this.#isClosed) throw new UsageError(CLOSED);
    this.#opening ??= this.#load();
    return this.#opening;
  }

  async #load(): Promise<Handle> {
    const { engine, number } = this.#model.handle;
    const { open } = await engine.call("openModel", { model: number });
    return new Handle(engine, open, closeOpenModel, CLOSED);
  }
}

const CLOSED = "The model was closed. Open it again with openModel(model).";

function closeOpenModel(open: number, engine: EngineConnection): Promise<unknown> {
  return engine.call("closeOpenModel", { open });
}
