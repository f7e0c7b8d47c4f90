import type {
  FeatureColumn,
  Platform,
  RunBatch,
  Session,
  SplitBase,
  Tap,
} from "@engraft/core/predict";
import {
  FEATURES_OUTPUT,
  featureModelAbove,
  referenceOf,
  wholeOutputs,
} from "@engraft/core/predict";
import type { Tensor } from "@engraft/onnx";

/**
 * The layers of a fine-tuned base from the first one on that tuning has changed. They start from what
 * the frozen layers below give, so that those run once for all tasks, tuned or not.
 */
export class TunedLayers {
  /** The frozen layer that they start from. */
  readonly cut: Tap;
  /** What they give of each input. */
  readonly columns: readonly FeatureColumn[];
  readonly #session: Session;

  private constructor({ cut, columns }: SplitBase, session: Session) {
    this.cut = cut;
    this.columns = columns;
    this.#session = session;
  }

  static async open(
    split: SplitBase,
    { runtime }: Pick<Platform, "runtime">,
  ): Promise<TunedLayers> {
    const model = featureModelAbove(split.tuned, split.cut, split.columns);
    const session = await runtime.createSession(model, { base: referenceOf(split.tuned) });
    return new TunedLayers(split, session);
  }

  /**
   * Runs some rows of a batch of the frozen layers.
   *
   * @returns [rows, width of the columns]
   */
  async run(batch: RunBatch, rows: readonly number[]): Promise<Float32Array> {
    const feeds = new Map(batch.feeds(rows));
    feeds.set(this.cut.value, wholeRows(this.cut, batch, rows));
    const read = this.#session.inputNames.map((name) => [name, feeds.get(name)!] as const);
    const outputs = await this.#session.run(new Map(read));
    return outputs.get(FEATURES_OUTPUT)!.data as Float32Array;
  }

  /** Frees the layers, which cannot be used afterwards. */
  release(): Promise<void> {
    return this.#session.release();
  }
}

/** A tap of some rows of a batch: [rows, ...]. */
function wholeRows(tap: Tap, { outputs }: RunBatch, rows: readonly number[]): Tensor<"float32"> {
  const names = wholeOutputs(tap);
  const source = outputs.get(names.data)!.data as Float32Array;
  const [, ...shape] = Array.from(outputs.get(names.shape)!.data as BigInt64Array, Number);
  const size = shape.reduce((product, length) => product * length, 1);
  const data = new Float32Array(rows.length * size);
  for (const [index, row] of rows.entries()) {
    data.set(source.subarray(row * size, (row + 1) * size), index * size);
  }
  return { dtype: "float32", dims: [rows.length, ...shape], data };
}
