import { inferTypes, type Model, type Tensor } from "@engraft/onnx";
import type { BaseModel } from "../bases/base.js";
import type { Input } from "../dataset/dataset.js";
import { totalWidth } from "../features/columns.js";
import type { LinearModel } from "../heads/logistic/linear-model.js";
import { lastLayerRecipe } from "../heads/views/views.js";
import { addLowRank, type LowRankModel } from "../model/edit/low-rank.js";
import type { Platform } from "../platform.js";
import { createRandom } from "../random/random.js";
import { datasetSource } from "../train/feed/example-source.js";
import { singleSamples } from "../train/feed/samples.js";
import type { OnTrainingEvent } from "../train/loop/events.js";
import { type FitSamples, runTraining } from "../train/loop/fit.js";
import type { FitPlatform } from "../train/loop/open-step.js";
import { type FitConfigInput, fitConfigSchema } from "../train/settings/config.js";
import type { StepSource } from "../train/step/compile-step.js";
import type { FineTuneConfig } from "./config.js";
import { contrastSamples } from "./pair-samples.js";
import { drawPairs } from "./pairs.js";
import {
  appendPairs,
  appendProbe,
  embeddingGraph,
  TUNED_HEAD,
  TUNED_OUTPUT,
} from "./source-graph.js";
import { trainableWeights } from "./trainable-weights.js";
import type { Adapter } from "./tuned-base.js";

/** Labelled examples to tune on. */
export interface TuneData {
  readonly inputs: readonly Input[];
  /** Class of each input. */
  readonly targets: Int32Array;
}

export interface TuneOptions {
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnTrainingEvent | undefined;
}

/** What fine-tuning changed. */
export interface Tuned {
  readonly adapter: Adapter;
  /** The head that was trained with the base; undefined where only the base was (`contrast`). */
  readonly head: LinearModel | undefined;
}

/**
 * Fine-tunes a base on some examples. The base itself is left as it is: the weights that changed are
 * returned beside it.
 *
 * @param probe - Logistic probe of the last layer, fitted to the same examples: where the head of
 *   `classify` starts. `contrast` has no head.
 */
export async function tuneBase(
  base: BaseModel,
  data: TuneData,
  probe: LinearModel | undefined,
  config: FineTuneConfig,
  platform: Platform & FitPlatform,
  options: TuneOptions,
): Promise<Tuned> {
  const isClassifier = config.recipe === "classify";
  const opened = openWeights(embeddingGraph(base), base, config, options.seed);
  const model = inferTypes(
    isClassifier
      ? appendProbe(opened.model, requireProbe(probe))
      : appendPairs(opened.model, widthOf(base)),
  );
  const source: StepSource = {
    model,
    output: TUNED_OUTPUT,
    trainable: isClassifier
      ? [...opened.trainable, TUNED_HEAD.weight, TUNED_HEAD.bias]
      : opened.trainable,
    trainableNorms: new Set(),
  };
  const { inputs, preprocessing } = base.spec;
  const preparation = { inputs, preprocessing, tokenizer: base.tokenizer };
  const examples = datasetSource(data.inputs, preparation, platform);
  const training: FitSamples = {
    source: examples,
    samples: isClassifier
      ? classified(data)
      : contrastSamples(
          drawPairs(data.targets, createRandom(options.seed).derive("pairs")),
          examples.lengths,
        ),
  };
  const { state } = await runTraining(
    source,
    { training },
    fitConfigSchema.parse(fitInput(config, options.seed)),
    platform,
    { signal: options.signal, onEvent: options.onEvent },
  );
  const weights = interpolate(model, state.weights, config.interpolation);
  return {
    adapter: opened.merge(weights),
    head: isClassifier ? headOf(weights) : undefined,
  };
}

/** The graph of a base in which the chosen weights can be trained. */
function openWeights(
  model: Model,
  { spec }: BaseModel,
  { trainable }: FineTuneConfig,
  seed: number,
): Pick<LowRankModel, "model" | "trainable" | "merge"> {
  if (trainable.kind === "lora") {
    return addLowRank(model, trainable.rank, createRandom(seed).derive("lora"));
  }
  const names = trainableWeights(model, spec, trainable);
  return {
    model,
    trainable: names,
    merge: (trained) => new Map(names.map((name) => [name, trained.get(name)!])),
  };
}

function fitInput(
  { recipe, epochs, batchSize, learningRate }: FineTuneConfig,
  seed: number,
): FitConfigInput {
  return {
    epochs,
    batchSize,
    learningRate,
    seed,
    loss: recipe === "classify" ? "cross-entropy" : "cosine-similarity",
    schedule: { name: "linear", warmupRatio: 0.1 },
    maxGradientNorm: 1,
  };
}

function classified({ targets }: TuneData): FitSamples["samples"] {
  const data = BigInt64Array.from(targets, BigInt);
  return singleSamples({ dtype: "int64", dims: [data.length], data });
}

function requireProbe(probe: LinearModel | undefined): LinearModel {
  if (probe !== undefined) return probe;
  throw new Error("internal: a classifier is tuned without a probe to start from");
}

/** Width of the pooled last layer. */
function widthOf({ spec }: BaseModel): number {
  return totalWidth(lastLayerRecipe(spec).columns);
}

/** `(1 - share) · before + share · after`, weight by weight. */
function interpolate(
  { graph }: Model,
  after: ReadonlyMap<string, Float32Array>,
  share: number,
): Map<string, Tensor<"float32">> {
  return new Map(
    Array.from(after, ([name, tuned]) => {
      const { dims, data } = graph.initializers.get(name) as Tensor<"float32">;
      const mixed =
        share === 1 ? tuned : tuned.map((value, i) => (1 - share) * data[i]! + share * value);
      return [name, { dtype: "float32", dims, data: mixed }];
    }),
  );
}

function headOf(weights: ReadonlyMap<string, Tensor<"float32">>): LinearModel {
  return {
    weights: Float64Array.from(weights.get(TUNED_HEAD.weight)!.data),
    bias: Float64Array.from(weights.get(TUNED_HEAD.bias)!.data),
  };
}
