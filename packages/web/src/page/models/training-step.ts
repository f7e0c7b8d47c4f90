import type { ApplyOptions, TensorExamples, TrainingMetrics, ValueAndGrad } from "@engraft/core";
import type { OfStep } from "../../protocol/models.js";
import type { EngineConnection } from "../engine.js";
import { Handle } from "../handle.js";
import type { Model } from "./model.js";

/**
 * A training step that is compiled and loaded once, for training loops of one's own. The model holds the
 * weights: each call computes with the trainable weights as they are in it, and `apply` writes into them.
 *
 * ```ts
 * await using step = await compileTrainingStep(model, { loss: "cross-entropy" });
 * for (const batch of batches) {
 *   const { loss, gradients } = await step.valueAndGrad(batch);
 *   await step.apply(gradients, { learningRate: 1e-3 });
 * }
 * ```
 *
 * Calls are run one after the other, in their order.
 */
export class TrainingStep {
  readonly #model: Model;
  readonly #handle: Handle;

  /** @internal Made by `compileTrainingStep`. */
  constructor(step: number, model: Model) {
    this.#model = model;
    this.#handle = new Handle(model.handle.engine, step, closeStep, CLOSED);
  }

  /**
   * The loss of one batch and its gradients by the trainable weights. The weights stay as they are;
   * running statistics of trainable batch normalisations move.
   *
   * @throws UsageError when the batch does not fit the model and the loss.
   */
  async valueAndGrad(batch: TensorExamples): Promise<ValueAndGrad> {
    return this.#handle.engine.call("valueAndGrad", { ...this.#sent(), batch });
  }

  /**
   * Moves the trainable weights once, as the optimiser of the step does, and writes them into the model.
   *
   * @param gradients - Of every trainable weight, as {@link TrainingStep.valueAndGrad} gives them: as
   *   they are, or changed.
   * @throws UsageError when a gradient is missing or has another size than its weight.
   */
  async apply(
    gradients: ReadonlyMap<string, Float32Array>,
    { learningRate }: ApplyOptions = {},
  ): Promise<void> {
    const sent = { ...this.#sent(), gradients, learningRate };
    await this.#handle.engine.call("applyGradients", sent);
  }

  /**
   * Loss and metrics of one batch in inference form: without dropout, with running statistics.
   *
   * @throws UsageError when the batch does not fit the model and the loss.
   */
  async evaluate(batch: TensorExamples): Promise<TrainingMetrics> {
    return this.#handle.engine.call("evaluateStep", { ...this.#sent(), batch });
  }

  /** Frees the step, once the calls that were made are answered. */
  close(): Promise<void> {
    return this.#handle.close();
  }

  /** As {@link TrainingStep.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #sent(): OfStep {
    return { step: this.#handle.number, frozen: this.#model.sent().frozen };
  }
}

const CLOSED = "The training step was closed. Compile it again with compileTrainingStep.";

function closeStep(step: number, engine: EngineConnection): Promise<unknown> {
  return engine.call("closeStep", { step });
}
