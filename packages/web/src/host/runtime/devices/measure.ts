import type { BaseReference, Feeds, Session } from "@engraft/core";
import type { Tensor } from "@engraft/onnx";

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

/** What is known of a base model on two devices. */
export interface Experience {
  /** Of the first batch; its error is the largest of all layers that were compared. */
  readonly measurement: Measurement;
  /** Digests of the layers whose results on the two devices were compared. */
  readonly layers: readonly string[];
}

/** What a measurement holds for: where one of these is another, it is measured anew. */
export interface Circumstances {
  /** Description of the GPU. */
  readonly adapter: string;
  /** Version of ONNX Runtime Web. */
  readonly ort: string;
  /** Threads in WebAssembly. */
  readonly threads: number;
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

/**
 * Runs one batch on two devices. It ran in WebAssembly before, and runs twice on the GPU, which
 * compiles its programs the first time.
 *
 * @param expected - What the batch gave in WebAssembly.
 * @param known - What other layers of the same base have shown: results are compared, and no time is
 *   taken, since a base is on one device.
 */
export async function measure(
  wasm: Session,
  webgpu: Session,
  feeds: Feeds,
  expected: Feeds,
  known?: Measurement,
): Promise<Measurement> {
  const error = differenceOf(expected, await webgpu.run(feeds));
  if (known !== undefined) return { ...known, error: Math.max(known.error, error) };
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
  await session.run(feeds);
  return performance.now() - start;
}
