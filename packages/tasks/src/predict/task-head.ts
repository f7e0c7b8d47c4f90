import type {
  Csr,
  Input,
  OutlierScore,
  Platform,
  Session,
  SessionOptions,
  TextLength,
} from "@engraft/core/predict";
import {
  type FeatureColumn,
  HEAD,
  indexOfLargest,
  isTruncated,
  type Matrix64,
  rowOf,
  sessionModel,
  type TfidfModel,
  type Tokenization,
  termsOf,
  totalWidth,
  weighTerms,
} from "@engraft/core/predict";
import type { Model, Tensor } from "@engraft/onnx";
import { invalidHead } from "../format/files/read-head.js";
import { isMeasured, type TaskManifest } from "../format/manifest/manifest.js";
import type { BackboneConsumer } from "./backbone-consumer.js";

/** The answer for one input. */
export interface Prediction {
  /** The most probable label. */
  readonly label: string;
  readonly probability: number;
  /** Every label's probability. Has no prototype, so that any label can be a key. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** How much the input is like the training examples; where it was asked for. */
  readonly outlier?: OutlierScore;
  /** How long the text is; where the base model reads less than all of it. */
  readonly truncated?: TextLength;
  /** Set where nothing measured the task, so that nothing says how far the probability is to be trusted. */
  readonly unmeasured?: true;
}

/** The trained parts of a task, in memory. */
export interface TaskParts {
  readonly manifest: TaskManifest;
  /** `head.onnx`, decoded. */
  readonly head: Model;
  /** `vocabulary.json`; undefined where no view on words has weight. */
  readonly tfidf: TfidfModel | undefined;
}

/** The head of a task, loaded: from features of a base, and the words of a text, to labels. */
export class TaskHead implements BackboneConsumer {
  readonly manifest: TaskManifest;
  readonly #tfidf: TfidfModel | undefined;
  readonly #session: Session;

  private constructor({ manifest, tfidf }: TaskParts, session: Session) {
    this.manifest = manifest;
    this.#tfidf = tfidf;
    this.#session = session;
  }

  /**
   * Loads the head.
   *
   * @param after - What is loaded before it.
   * @throws IntegrityError `task/invalid` when ONNX Runtime does not take it.
   */
  static async open(
    task: TaskParts,
    { runtime }: Pick<Platform, "runtime">,
    after?: Promise<unknown>,
  ): Promise<TaskHead> {
    const model = sessionModel(task.head);
    await after;
    return runtime.createSession(model, HEAD_SESSION).then(
      (loaded) => new TaskHead(task, loaded),
      (cause: Error) => {
        throw invalidHead(cause.message, cause);
      },
    );
  }

  get columns(): readonly FeatureColumn[] {
    return this.manifest.columns;
  }

  /**
   * The log-probabilities [inputs, labels] of some inputs.
   *
   * @param features - [inputs, width of the task's columns]; its memory may be given away.
   */
  async run(inputs: readonly Input[], features: Float32Array): Promise<Matrix64> {
    const [rows, cols] = [inputs.length, this.manifest.labels.length];
    const width = totalWidth(this.manifest.columns);
    const data = new Float64Array(rows * cols);
    if (rows <= HEAD_BATCH) {
      // Nothing to predict is a run of no rows, which heads of words cannot make.
      if (rows > 0) data.set(await this.#runBatch(inputs, features));
      return { rows, cols, data };
    }
    for (let start = 0; start < rows; start += HEAD_BATCH) {
      const batch = inputs.slice(start, start + HEAD_BATCH);
      const read = features.slice(start * width, (start + batch.length) * width);
      data.set(await this.#runBatch(batch, read), start * cols);
    }
    return { rows, cols, data };
  }

  /**
   * One row of log-probabilities as an answer.
   *
   * @param length - Of the text; undefined for images.
   */
  toPrediction(logProbabilities: Matrix64, row: number, length?: TextLength): Prediction {
    const { labels, columns } = this.manifest;
    // Words are read of the whole text.
    const truncated = columns.length > 0 && length !== undefined && isTruncated(length);
    const answer = rowOf(logProbabilities, row);
    const best = indexOfLargest(answer);
    const probabilities: Record<string, number> = Object.create(null);
    for (const [index, label] of labels.entries()) probabilities[label] = Math.exp(answer[index]!);
    return {
      label: labels[best]!,
      probability: Math.exp(answer[best]!),
      probabilities,
      ...(truncated && { truncated: length }),
      ...(isMeasured(this.manifest) ? {} : { unmeasured: true }),
    };
  }

  /** Frees the head, which cannot be used afterwards. */
  release(): Promise<void> {
    return this.#session.release();
  }

  async #runBatch(inputs: readonly Input[], features: Float32Array): Promise<Float32Array> {
    const rows = inputs.length;
    const feeds = new Map<string, Tensor>();
    if (features.length > 0) {
      const dims = [rows, features.length / rows];
      feeds.set(HEAD.features, { dtype: "float32", dims, data: features });
    }
    if (this.#tfidf !== undefined) feeds.set(HEAD.words, denseWords(this.#tfidf, inputs));
    const outputs = await this.#session.run(feeds);
    return outputs.get(HEAD.output)!.data as Float32Array;
  }
}

/** Of many heads each would keep what its largest batch took, on every thread. */
const HEAD_SESSION: SessionOptions = { isSmall: true, planMemory: false, keepMemory: false };

/** Rows that the head sees at once: bounds the memory of the dense word matrix. */
const HEAD_BATCH = 64;

/** Terms of inputs that are being answered: all heads on a backbone look at the same ones. */
const knownTerms = {
  spaced: new WeakMap<Input, readonly string[]>(),
  segmented: new WeakMap<Input, readonly string[]>(),
};

function termsOfInput(input: Input, tokenization: Tokenization): readonly string[] {
  const ofAll = knownTerms[tokenization.segmented ? "segmented" : "spaced"];
  const known = ofAll.get(input);
  if (known !== undefined) return known;
  const terms = input.kind === "text" ? termsOf(input.text, tokenization) : [];
  ofAll.set(input, terms);
  return terms;
}

function denseWords(tfidf: TfidfModel, inputs: readonly Input[]): Tensor<"float32"> {
  const words = weighTerms(
    tfidf,
    inputs.map((input) => termsOfInput(input, tfidf.tokenization)),
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
