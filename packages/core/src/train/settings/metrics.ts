import type { Tensor } from "@engraft/onnx";
import type { LossConfig } from "../losses/index.js";

/** Metrics of an epoch or of a validation; which of them there are follows from the loss. */
export interface TrainingMetrics {
  /** Mean of the loss, each example counted by its class weight. */
  readonly loss: number;
  /** Share of the examples of which everything is right: the class, or every label. */
  readonly accuracy?: number;
  /** Mean F1 over the labels that occur among the targets or the predictions. */
  readonly macroF1?: number;
  readonly meanSquaredError?: number;
  readonly meanAbsoluteError?: number;
}

/** Name of one metric. */
export type TrainingMetricName = keyof TrainingMetrics;

/** The metrics that there are with a loss. */
export function metricNames(loss: LossConfig["name"]): readonly TrainingMetricName[] {
  return ["loss", ...(measures[loss]?.names ?? [])];
}

/** What a batch adds to the metrics. */
export interface MeasuredBatch {
  /** Mean loss, and what it was divided by. */
  readonly loss: number;
  readonly weightSum: number;
  /** float32 [batch, ...]: what the loss looked at. */
  readonly predictions: Tensor;
  /** What the loss compared it with. */
  readonly targets: Tensor;
}

/** Sums over batches; plain numbers, so that a checkpoint can hold them. */
export interface MetricsState {
  readonly loss: number;
  readonly weightSum: number;
  /** What the metrics beside the loss are made of; empty before the first batch. */
  readonly sums: readonly number[];
}

/** Gathers the metrics of an epoch batch by batch; keeps sums alone, not predictions. */
export class MetricsAccumulator {
  readonly #measure: Measure | undefined;
  #loss: number;
  #weightSum: number;
  #sums: number[];

  /** @param state - Where to go on from; by default nothing was measured. */
  constructor(loss: LossConfig["name"], state?: MetricsState) {
    this.#measure = measures[loss];
    this.#loss = state?.loss ?? 0;
    this.#weightSum = state?.weightSum ?? 0;
    this.#sums = [...(state?.sums ?? [])];
  }

  add({ loss, weightSum, predictions, targets }: MeasuredBatch): void {
    this.#loss += loss * weightSum;
    this.#weightSum += weightSum;
    if (this.#measure === undefined) return;
    const columns = predictions.dims[1]!;
    const length = this.#measure.length(columns);
    if (this.#sums.length === 0) this.#sums = new Array<number>(length).fill(0);
    this.#measure.add(this.#sums, predictions.data as Float32Array, targets, columns);
  }

  /** The metrics of everything added so far; NaN where nothing was. */
  metrics(): TrainingMetrics {
    const loss = this.#loss / this.#weightSum;
    return { loss, ...(this.#sums.length > 0 && this.#measure?.metrics(this.#sums)) };
  }

  state(): MetricsState {
    return { loss: this.#loss, weightSum: this.#weightSum, sums: [...this.#sums] };
  }
}

/** Metrics that are made of a list of sums. */
interface Measure {
  readonly names: readonly Exclude<TrainingMetricName, "loss">[];
  /** Number of sums for outputs of so many columns. */
  length(columns: number): number;
  add(sums: number[], outputs: Float32Array, targets: Tensor, columns: number): void;
  metrics(sums: readonly number[]): Omit<TrainingMetrics, "loss">;
}

/** Sums: examples, examples without an error, then hits, predictions and targets of each label. */
const LABEL_SUMS = 2;

const labelMetrics: Pick<Measure, "names" | "length" | "metrics"> = {
  names: ["accuracy", "macroF1"],
  length: (labels) => LABEL_SUMS + 3 * labels,
  metrics(sums) {
    const scores: number[] = [];
    for (let at = LABEL_SUMS; at < sums.length; at += 3) {
      const occurrences = sums[at + 1]! + sums[at + 2]!;
      if (occurrences > 0) scores.push((2 * sums[at]!) / occurrences);
    }
    const total = scores.reduce((sum, score) => sum + score, 0);
    return { accuracy: sums[1]! / sums[0]!, macroF1: scores.length && total / scores.length };
  },
};

/** One class is right: the one with the largest logit is predicted, of equal ones the first. */
const classes: Measure = {
  ...labelMetrics,
  add(sums, logits, targets, columns) {
    for (let row = 0; row * columns < logits.length; row++) {
      const start = row * columns;
      let predicted = 0;
      for (let j = 1; j < columns; j++) {
        if (logits[start + j]! > logits[start + predicted]!) predicted = j;
      }
      const target = Number(targets.data[row]);
      count(sums, predicted, true, predicted === target);
      if (predicted !== target) count(sums, target, false, true);
      sums[0]! += 1;
      sums[1]! += predicted === target ? 1 : 0;
    }
  },
};

/** Any number of labels is right: those with a probability above one half are predicted. */
const labels: Measure = {
  ...labelMetrics,
  add(sums, logits, targets, columns) {
    for (let start = 0; start < logits.length; start += columns) {
      let errors = 0;
      for (let j = 0; j < columns; j++) {
        const predicted = logits[start + j]! > 0;
        const actual = Number(targets.data[start + j]) > 0.5;
        count(sums, j, predicted, actual);
        if (predicted !== actual) errors++;
      }
      sums[0]! += 1;
      sums[1]! += errors === 0 ? 1 : 0;
    }
  },
};

function count(sums: number[], label: number, predicted: boolean, actual: boolean): void {
  const at = LABEL_SUMS + 3 * label;
  sums[at]! += predicted && actual ? 1 : 0;
  sums[at + 1]! += predicted ? 1 : 0;
  sums[at + 2]! += actual ? 1 : 0;
}

/** Sums: values, squared errors, absolute errors. */
const numbers: Measure = {
  names: ["meanSquaredError", "meanAbsoluteError"],
  length: () => 3,
  add(sums, outputs, targets) {
    for (let i = 0; i < outputs.length; i++) {
      const error = outputs[i]! - Number(targets.data[i]);
      sums[0]! += 1;
      sums[1]! += error * error;
      sums[2]! += Math.abs(error);
    }
  },
  metrics: ([count, squared, absolute]) => ({
    meanSquaredError: squared! / count!,
    meanAbsoluteError: absolute! / count!,
  }),
};

const measures: Readonly<Record<LossConfig["name"], Measure | undefined>> = {
  "cross-entropy": classes,
  "binary-cross-entropy": labels,
  "mean-squared-error": numbers,
  huber: numbers,
  "cosine-similarity": undefined,
};
