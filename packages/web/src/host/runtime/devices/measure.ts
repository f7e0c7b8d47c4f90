import type { BaseReference, Feeds, Session } from "@engraft/core";
import type { Tensor } from "@engraft/onnx";

/** The GPU is of no use any more, for any model: it was lost, or does not answer. */
export class GpuGone extends Error {
  override readonly name = "GpuGone";
}

/** What one batch has shown of two devices. */
export interface Measurement {
  /**
   * The largest difference between their outputs, in parts of the largest value of that output; of
   * outputs close to 0 in thousandths of the largest value of all.
   */
  readonly error: number;
  /** Milliseconds that each took for the batch, once it was warm. */
  readonly milliseconds: { readonly wasm: number; readonly webgpu: number };
}

/** What is known of a base model on two devices: a measurement, or why it does not run on the GPU. */
export type Experience = Measurement | { readonly failure: string };

/** What a measurement holds for: another GPU or another version of the code is measured anew. */
export interface Circumstances {
  readonly adapter: string;
  /** Version of ONNX Runtime Web. */
  readonly ort: string;
}

/** Measurements that are kept between visits. */
export interface Measurements {
  /** What is known of a base under the same circumstances; undefined: nothing. */
  read(base: BaseReference, now: Circumstances): Promise<Experience | undefined>;
  /** Keeps what is known. Where that cannot be done, it is found out again at the next visit. */
  write(base: BaseReference, now: Circumstances, known: Experience): Promise<void>;
}

/** Of an output that is close to 0 beside others, such as the gradient of a weight without effect. */
const SMALL = 1e-3;

/** Rows of the batch that layers of a base are measured with: as many as their usual batches have. */
const ROWS = 8;

/** A GPU that does not answer within so many milliseconds is taken for one that never will. */
const LIMIT = 60_000;

/**
 * Runs one batch on two devices. It ran in WebAssembly before, and runs twice on the GPU, which
 * compiles its programs the first time.
 *
 * @param expected - What the batch gave in WebAssembly.
 */
export async function measure(
  wasm: Session,
  webgpu: Session,
  feeds: Feeds,
  expected: Feeds,
): Promise<Measurement> {
  const found = await withinLimit(webgpu.run(feeds));
  const error = differenceOf(expected, found);
  return {
    error,
    milliseconds: { wasm: await timeOf(wasm, feeds), webgpu: await timeOf(webgpu, feeds) },
  };
}

/** The same rows, again and again until there are as many as in a usual batch. */
export function usualBatch(feeds: Feeds): Feeds {
  const rows = Math.max(...Array.from(feeds.values(), ({ dims }) => dims[0] ?? 0));
  const times = Math.floor(ROWS / rows);
  if (times <= 1) return feeds;
  return new Map(Array.from(feeds, ([name, tensor]) => [name, repeated(tensor, times)]));
}

function repeated(tensor: Tensor, times: number): Tensor {
  const [rows = 1, ...others] = tensor.dims;
  const { data } = tensor;
  const all = new (data.constructor as Float32ArrayConstructor)(data.length * times);
  for (let time = 0; time < times; time++) all.set(data as Float32Array, time * data.length);
  return { ...tensor, dims: [rows * times, ...others], data: all } as Tensor;
}

/** The largest difference between the outputs of two runs, as {@link Measurement} says. */
export function differenceOf(expected: Feeds, found: Feeds): number {
  const largest = new Map(Array.from(expected, ([name, { data }]) => [name, largestOf(data)]));
  const least = SMALL * Math.max(...largest.values());
  let worst = 0;
  for (const [name, { data }] of expected) {
    const others = found.get(name)?.data;
    if (others?.length !== data.length) return Number.MAX_VALUE;
    const unit = Math.max(largest.get(name)!, least, Number.MIN_VALUE);
    for (let i = 0; i < data.length; i++) {
      const difference = Math.abs(Number(data[i]) - Number(others[i])) / unit;
      // Not a number is no less than anything.
      if (!(difference <= worst)) worst = difference;
      if (Number.isNaN(worst)) return Number.MAX_VALUE;
    }
  }
  return worst;
}

function largestOf(data: Tensor["data"]): number {
  let largest = 0;
  for (const value of data) largest = Math.max(largest, Math.abs(Number(value)));
  return largest;
}

async function timeOf(session: Session, feeds: Feeds): Promise<number> {
  const start = performance.now();
  await withinLimit(session.run(feeds));
  return performance.now() - start;
}

function withinLimit<T>(run: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new GpuGone(`it has not answered within ${LIMIT / 1000} s`));
    }, LIMIT);
    run.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
