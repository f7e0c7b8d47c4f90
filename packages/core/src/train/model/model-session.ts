import { elementCount, inferTypes, type Tensor, type ValueInfo } from "@engraft/onnx";
import type { Dataset, Input } from "../../dataset/dataset.js";
import { measuredSplit } from "../../dataset/measured-split.js";
import { UsageError } from "../../errors.js";
import { chunk } from "../../features/batches.js";
import type { Truncation } from "../../features/truncation.js";
import type { Model } from "../../model/model.js";
import type { Weight } from "../../model/weights/weight.js";
import type { Platform } from "../../platform.js";
import { type Feeds, feedsOf, type NamedTensors } from "../../runtime/feeds.js";
import type { Session } from "../../runtime/runtime.js";
import { sessionModel } from "../../runtime/session-model.js";
import { feedUpdate } from "../feed/batch-feed.js";
import { checkInputs } from "../feed/check-tensors.js";
import { datasetSource, type ExampleSource, tensorSource } from "../feed/example-source.js";
import type { FitSamples } from "../loop/fit.js";
import type { LossConfig } from "../losses/index.js";
import { MetricsAccumulator, type TrainingMetrics } from "../settings/metrics.js";
import { compileEvaluation } from "../step/compile-step.js";
import {
  datasetSamples,
  fixedBatch,
  requirePreparation,
  type TensorExamples,
  tensorSamples,
} from "./prepare-examples.js";

/** How examples are run. */
export interface ModelPassOptions {
  /** Examples that are run together. Default 32. */
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told what the model does not read of the texts, where some are longer than it reads. */
  readonly onTruncation?: ((truncation: Truncation) => void) | undefined;
}

const BATCH_SIZE = 32;

/**
 * A model that is loaded and ready to run, in inference form. Its answers are those of the weights as
 * they are: after the weights have changed, it is loaded anew at the next call.
 */
export class ModelSession {
  readonly #model: Model;
  readonly #platform: Platform;
  #loaded: { readonly session: Promise<Session>; readonly weights: string } | undefined;

  constructor(model: Model, platform: Platform) {
    this.#model = model;
    this.#platform = platform;
  }

  /**
   * Runs the model once on one batch.
   *
   * @returns Its outputs by name.
   * @throws UsageError when the tensors do not fit the inputs of the model.
   */
  async run(feeds: NamedTensors): Promise<Map<string, Tensor>> {
    const given = feedsOf(feeds);
    checkInputs(this.#model.inputs, given, "feeds");
    return this.#run(given);
  }

  /**
   * What the model gives for some examples, in batches: its output [examples, ...].
   *
   * @param examples - Tensors by the model's inputs, or raw inputs for a model that knows how they
   *   are prepared.
   * @throws UsageError when the examples do not fit the model, or its output has another size for each
   * of them.
   */
  async predict(
    examples: NamedTensors | readonly Input[],
    { batchSize = BATCH_SIZE, signal, onTruncation }: ModelPassOptions = {},
  ): Promise<Tensor> {
    const source = this.#sourceOf(examples);
    tellTruncation(source, onTruncation);
    const size = fixedBatch(this.#model, source.count) ?? batchSize;
    const all = Array.from({ length: source.count }, (_, position) => position);
    const rows: Tensor[] = [];
    for (const positions of chunk(all, size)) {
      signal?.throwIfAborted();
      const { output } = this.#model;
      const given = (await this.#run(await source.read(positions, 0))).get(output.name)!;
      rows.push(requireRows(given, positions.length, output));
    }
    return joinRows(rows, this.#model.output);
  }

  /**
   * Loss and metrics on labelled examples: of a data set the `test` split, else `val`, else all.
   *
   * @throws UsageError when examples, model and loss do not fit one another.
   */
  async evaluate(
    examples: Dataset | TensorExamples,
    loss: LossConfig,
    { batchSize = BATCH_SIZE, signal, onTruncation }: ModelPassOptions = {},
  ): Promise<TrainingMetrics> {
    const { source, samples } = this.#samplesOf(examples, loss);
    tellTruncation(source, onTruncation);
    if (samples.count === 0)
      throw new UsageError("There are no examples to evaluate the model on.");
    const size = fixedBatch(this.#model, source.count) ?? batchSize;
    const part = compileEvaluation(inferTypes(this.#model.graph), this.#model.output.name, loss);
    const session = await this.#platform.runtime.createSession(part.model);
    const metrics = new MetricsAccumulator(loss.name);
    const feeds = (positions: readonly number[], epoch: number) => source.read(positions, epoch);
    const fed = { samples, target: part.target, feeds };
    const all = Array.from({ length: samples.count }, (_, sample) => sample);
    try {
      for (const positions of chunk(all, size)) {
        signal?.throwIfAborted();
        const [batch] = await feedUpdate(fed, [positions], 0);
        const targets = copyOf(batch!.get(part.target)!);
        const outputs = await session.run(pick(part.inputs, batch!));
        metrics.add({
          loss: Number(outputs.get(part.loss)!.data[0]),
          weightSum: Number(outputs.get(part.weightSum)!.data[0]),
          predictions: outputs.get(this.#model.output.name)!,
          targets,
        });
      }
    } finally {
      await session.release();
    }
    return metrics.metrics();
  }

  /** Frees the model. It is loaded again when it is asked again. */
  async release(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    await (await loaded?.session)?.release();
  }

  async #run(feeds: Feeds): Promise<Map<string, Tensor>> {
    const session = await this.#open();
    // A run may take its feeds away, and they are the caller's.
    return session.run(new Map(Array.from(feeds, ([name, tensor]) => [name, copyOf(tensor)])));
  }

  async #open(): Promise<Session> {
    const weights = fingerprint(this.#model.weights);
    if (this.#loaded?.weights !== weights) {
      await this.release();
      const session = this.#platform.runtime.createSession(sessionModel(this.#model.graph));
      this.#loaded = { session, weights };
    }
    return this.#loaded!.session;
  }

  #sourceOf(examples: NamedTensors | readonly Input[]): ExampleSource {
    if (Array.isArray(examples)) {
      return datasetSource(examples, requirePreparation(this.#model), this.#platform);
    }
    const inputs = feedsOf(examples as NamedTensors);
    checkInputs(this.#model.inputs, inputs, "inputs");
    return tensorSource(inputs);
  }

  #samplesOf(examples: Dataset | TensorExamples, loss: LossConfig): FitSamples {
    if (!("splits" in examples)) {
      return tensorSamples(this.#model, examples, { loss }, "examples");
    }
    const split = measuredSplit(examples);
    return datasetSamples(this.#model, examples, split, { loss }, this.#platform);
  }
}

function tellTruncation(
  { truncation }: ExampleSource,
  tell: ModelPassOptions["onTruncation"],
): void {
  if (truncation?.truncated) tell?.(truncation);
}

/** The tensors that a model reads, each a copy. */
function pick(names: readonly string[], feeds: Feeds): Feeds {
  return new Map(names.map((name) => [name, copyOf(feeds.get(name)!)]));
}

function copyOf(tensor: Tensor): Tensor {
  return { ...tensor, data: tensor.data.slice() } as Tensor;
}

function requireRows(tensor: Tensor, examples: number, { name }: ValueInfo): Tensor {
  if (tensor.dims[0] === examples) return tensor;
  throw new UsageError(
    `The output "${name}" of ${examples} examples is [${tensor.dims.join(", ")}]: its first axis does not count ` +
      "the examples. Use run().",
  );
}

/** Outputs of several batches, one after the other. */
function joinRows(parts: readonly Tensor[], { name, type }: ValueInfo): Tensor {
  const [first] = parts;
  if (first === undefined) {
    const dims = [0, ...(type.shape ?? []).slice(1).map((size) => Number(size) || 0)];
    return { dtype: "float32", dims, data: new Float32Array(0) };
  }
  const [, ...rest] = first.dims;
  const other = parts.find(({ dims }) => dims.slice(1).join() !== rest.join());
  if (other !== undefined) {
    throw new UsageError(
      `The output "${name}" is [${first.dims.join(", ")}] for some examples and [${other.dims.join(", ")}] for others. ` +
        "Pool it with layers.globalAveragePool(), or use run().",
    );
  }
  const size = elementCount(rest);
  const count = parts.reduce((sum, { dims }) => sum + dims[0]!, 0);
  const data = (first.data as Float32Array).slice(0, 0).constructor as Float32ArrayConstructor;
  const joined = new data(count * size);
  let row = 0;
  for (const part of parts) {
    joined.set(part.data as Float32Array, row * size);
    row += part.dims[0]!;
  }
  return { ...first, dims: [count, ...rest], data: joined } as Tensor;
}

/** Two 32-bit hashes of all values: weights may be written into at any time. */
function fingerprint(weights: readonly Weight[]): string {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (const { data } of weights) {
    const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
    for (let i = 0; i < bits.length; i++) {
      a = Math.imul(a ^ bits[i]!, 0x01000193);
      b = Math.imul(b + bits[i]!, 0x85ebca6b) ^ (b >>> 13);
    }
  }
  return `${a} ${b}`;
}
