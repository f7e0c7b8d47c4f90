import type { Tensor } from "@engraft/onnx";
import type { BaseModel } from "../bases/base.js";
import type { Input } from "../dataset/dataset.js";
import type { DataError } from "../errors.js";
import { totalWidth } from "../features/columns.js";
import { createExtractor, type FeatureExtractor } from "../features/extractor.js";
import { type TfidfModel, transformTfidf } from "../heads/tfidf.js";
import type { Matrix64 } from "../math/matrix.js";
import type { Csr } from "../math/sparse.js";
import type { Abort, Platform } from "../platform.js";
import type { Session } from "../runtime/runtime.js";
import { HEAD } from "./head-graph.js";
import type { TaskManifest } from "./manifest.js";

/** The answer for one input. */
export interface Prediction {
  /** The most probable label. */
  readonly label: string;
  readonly probability: number;
  /** Every label's probability. Has no prototype, so that any label can be a key. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** The trained parts of a task, in memory. */
export interface TaskParts {
  readonly manifest: TaskManifest;
  /** `head.onnx` */
  readonly head: Uint8Array;
  /** `vocabulary.json`; undefined where no view on words has weight. */
  readonly tfidf: TfidfModel | undefined;
}

/** A task that is loaded and ready to predict. */
export class Predictor {
  private readonly task: TaskParts;
  private readonly head: Session;
  /** Undefined where the head reads words only. */
  private readonly extractor: FeatureExtractor | undefined;

  private constructor(task: TaskParts, head: Session, extractor: FeatureExtractor | undefined) {
    this.task = task;
    this.head = head;
    this.extractor = extractor;
  }

  /**
   * Loads the head, and of the base only the layers that the head reads. The base is not needed once
   * this has returned its promise.
   */
  static open(task: TaskParts, base: BaseModel, platform: Platform): Promise<Predictor> {
    const { columns, preprocessing } = task.manifest;
    const asTrained = { ...base, spec: { ...base.spec, preprocessing } };
    const extractor =
      columns.length > 0 ? createExtractor(asTrained, columns, platform) : undefined;
    return Predictor.withHead(task, platform, extractor);
  }

  private static async withHead(
    task: TaskParts,
    { runtime }: Platform,
    opened: Promise<FeatureExtractor> | undefined,
  ): Promise<Predictor> {
    // One after the other, so that for a single prediction both load on the same thread.
    const extractor = await opened;
    return new Predictor(task, await runtime.createSession(task.head), extractor);
  }

  /**
   * Predicts some inputs in one go. An input that cannot be decoded has its error in place of a
   * prediction.
   */
  async predict(inputs: readonly Input[], abort?: Abort): Promise<(Prediction | DataError)[]> {
    const { labels } = this.task.manifest;
    const { logProbabilities, unreadable } = await this.logProbabilities(inputs, abort);
    return inputs.map(
      (_, row) => unreadable.get(row) ?? toPrediction(labels, logProbabilities, row),
    );
  }

  /** The log-probabilities [inputs, labels]; rows of inputs that cannot be decoded are undefined. */
  async logProbabilities(
    inputs: readonly Input[],
    abort?: Abort,
  ): Promise<{ logProbabilities: Matrix64; unreadable: ReadonlyMap<number, DataError> }> {
    const unreadable = new Map<number, DataError>();
    const { columns, labels } = this.task.manifest;
    const rows = inputs.length;
    const features = new Float32Array(rows * totalWidth(columns));
    await this.extractor?.run(
      inputs,
      {
        features: (position, vector) => features.set(vector, position * vector.length),
        unreadable: (position, error) => void unreadable.set(position, error),
      },
      abort,
    );
    const data = new Float64Array(rows * labels.length);
    for (let start = 0; start < rows; start += HEAD_BATCH) {
      const batch = inputs.slice(start, start + HEAD_BATCH);
      data.set(await this.runHead(batch, features, start), start * labels.length);
    }
    return { logProbabilities: { rows, cols: labels.length, data }, unreadable };
  }

  async release(): Promise<void> {
    await Promise.all([this.head.release(), this.extractor?.release()]);
  }

  private async runHead(
    inputs: readonly Input[],
    features: Float32Array,
    start: number,
  ): Promise<Float32Array> {
    const rows = inputs.length;
    const width = totalWidth(this.task.manifest.columns);
    const { tfidf } = this.task;
    const outputs = await this.head.run({
      ...(width > 0 && {
        [HEAD.features]: {
          dtype: "float32",
          dims: [rows, width],
          data: features.slice(start * width, (start + rows) * width),
        },
      }),
      ...(tfidf !== undefined && { [HEAD.words]: denseWords(tfidf, inputs) }),
    });
    return outputs[HEAD.output]!.data as Float32Array;
  }
}

/** Rows that the head sees at once: bounds the memory of the dense word matrix. */
const HEAD_BATCH = 64;

function denseWords(tfidf: TfidfModel, inputs: readonly Input[]): Tensor<"float32"> {
  const words = transformTfidf(
    tfidf,
    inputs.map((input) => (input.kind === "text" ? input.text : "")),
  );
  return { dtype: "float32", dims: [words.rows, words.cols], data: toDense(words) };
}

function toDense({ rows, cols, rowOffsets, columns, values }: Csr): Float32Array {
  const data = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    for (let entry = rowOffsets[row]!; entry < rowOffsets[row + 1]!; entry++) {
      data[row * cols + columns[entry]!] = values[entry]!;
    }
  }
  return data;
}

function toPrediction(
  labels: readonly string[],
  { cols, data }: Matrix64,
  row: number,
): Prediction {
  const probabilities: Record<string, number> = Object.create(null);
  let best = 0;
  for (const [index, label] of labels.entries()) {
    const value = data[row * cols + index]!;
    probabilities[label] = Math.exp(value);
    if (value > data[row * cols + best]!) best = index;
  }
  return {
    label: labels[best]!,
    probability: Math.exp(data[row * cols + best]!),
    probabilities,
  };
}
