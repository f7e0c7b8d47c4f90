import { elementCount, type Tensor } from "@engraft/onnx";
import { forEachConcurrent } from "../../concurrency.js";
import { UsageError } from "../../errors.js";
import type { OnProgress } from "../../platform.js";
import type { Feeds } from "../../runtime/feeds.js";
import type { Runtime, Session } from "../../runtime/runtime.js";
import type { CompiledStep } from "../step/compile-step.js";
import type { ExampleSource } from "./example-source.js";

/** The cut values of one example, without the batch axis. */
type CutRow = readonly Row[];

interface Row {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** What happens while the prefix runs over examples. */
export interface PrefixOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** Above this many bytes the cut is computed anew for every batch instead of being kept. */
const LARGEST_CACHE_BYTES = 1 << 30;

/** What a step is fed for some examples of a source, in the order of the positions. */
export type ReadFeeds = (positions: readonly number[], epoch: number) => Promise<Feeds>;

/**
 * Everything frozen below a training step, loaded once for all examples that the step is fed: those of
 * the training, of the validation, and single batches.
 */
export class FrozenPrefix {
  readonly #runtime: Runtime;
  /** Undefined where nothing is frozen. */
  readonly #session: Session | undefined;
  readonly #inputs: readonly string[];
  readonly #cut: readonly string[];
  /** Whether the step reads inputs of the model beside the cut. */
  readonly #readsInputs: boolean;

  private constructor(step: CompiledStep, runtime: Runtime, session: Session | undefined) {
    this.#runtime = runtime;
    this.#session = session;
    this.#inputs = step.prefix?.inputs ?? [];
    this.#cut = step.cut.map(({ name }) => name);
    this.#readsInputs = step.inputs.length > 0;
  }

  /** Loads the prefix of a step. Its bytes may be transferred away: a step is opened once. */
  static async open(step: CompiledStep, runtime: Runtime): Promise<FrozenPrefix> {
    const session = step.prefix && (await runtime.createSession(step.prefix.model));
    return new FrozenPrefix(step, runtime, session);
  }

  /**
   * Makes examples ready for the step. Where they look the same in every epoch and what comes of them
   * can be kept, the prefix runs over all of them here and never again.
   */
  async over(source: ExampleSource, options: PrefixOptions = {}): Promise<ReadFeeds> {
    const kept =
      this.#session === undefined || source.varies ? undefined : await this.#keep(source, options);
    if (kept === undefined) {
      return async (positions, epoch) => this.run(await source.read(positions, epoch));
    }
    return async (positions, epoch) => {
      const read = this.#readsInputs ? await source.read(positions, epoch) : [];
      const rows = positions.map((position) => kept[position]!);
      const joined = this.#cut.map(
        (name, index) => [name, padRows(rows.map((row) => row[index]!))] as const,
      );
      return new Map([...read, ...joined]);
    };
  }

  /** What the step is fed for one batch of inputs of the model. */
  async run(read: Feeds): Promise<Feeds> {
    if (this.#session === undefined) return read;
    const copies = this.#inputs.map((name) => [name, copyOf(read.get(name)!)] as const);
    return new Map([...read, ...(await this.#session.run(new Map(copies)))]);
  }

  /** Frees the prefix. */
  async close(): Promise<void> {
    await this.#session?.release();
  }

  /**
   * Runs over all examples, in groups that do not depend on how they will be batched: a run that is
   * resumed computes the same bits. Undefined where the results are too large to be kept.
   */
  async #keep(
    source: ExampleSource,
    { signal, onProgress }: PrefixOptions,
  ): Promise<readonly CutRow[] | undefined> {
    const rows: CutRow[] = new Array(source.count);
    let done = 0;
    let bytes = 0;
    const runGroup = async (positions: number[]): Promise<void> => {
      if (bytes > LARGEST_CACHE_BYTES) return;
      const outputs = await this.run(await source.read(positions, 0));
      for (const name of this.#cut) requireRows(name, outputs.get(name)!, positions.length);
      for (const [index, position] of positions.entries()) {
        rows[position] = this.#cut.map((name) => rowOfTensor(outputs.get(name)!, index));
        bytes += rows[position].reduce((sum, { data }) => sum + data.byteLength, 0);
      }
      done += positions.length;
      onProgress?.({ phase: "features", done, total: rows.length });
    };
    const limit = this.#runtime.concurrency + 1;
    await forEachConcurrent(source.groups(), limit, runGroup, signal);
    return bytes <= LARGEST_CACHE_BYTES ? rows : undefined;
  }
}

/** What a file says of its sizes may be wrong; rows of something else must not be kept as examples. */
function requireRows(name: string, { dims }: Tensor, examples: number): void {
  if (dims[0] === examples) return;
  throw new UsageError(
    `The model says that the first axis of "${name}" counts the examples. Of ${examples} examples it is ` +
      `[${dims.join(", ")}]. Export the model with the names that its axes really have.`,
  );
}

/** A run may take its feeds away, and the step reads some of them too. */
function copyOf(tensor: Tensor): Tensor {
  return { ...tensor, data: (tensor.data as Float32Array).slice() } as Tensor;
}

function rowOfTensor({ dims: [, ...dims], data }: Tensor, index: number): Row {
  const size = elementCount(dims);
  return { dims, data: (data as Float32Array).slice(index * size, (index + 1) * size) };
}

/**
 * Stacks rows whose sizes may differ; the shorter ones are filled up with zeros at the end of each
 * axis. What is filled up is under the mask that the step computes from its own inputs.
 */
function padRows(rows: readonly Row[]): Tensor {
  const dims = rows[0]!.dims.map((_, axis) =>
    rows.reduce((largest, row) => Math.max(largest, row.dims[axis]!), 0),
  );
  const size = elementCount(dims);
  const data = new Float32Array(rows.length * size);
  rows.forEach((row, index) => {
    copyBlock(row, data.subarray(index * size, (index + 1) * size), dims);
  });
  return { dtype: "float32", dims: [rows.length, ...dims], data };
}

/** Copies a block into the corner of a larger one. */
function copyBlock(row: Row, target: Float32Array, dims: readonly number[]): void {
  if (row.data.length === target.length) {
    target.set(row.data);
    return;
  }
  const [outer = 1, ...inner] = row.dims;
  const rowSize = elementCount(inner);
  const targetInner = dims.slice(1);
  const targetSize = elementCount(targetInner);
  for (let i = 0; i < outer; i++) {
    const part = row.data.subarray(i * rowSize, (i + 1) * rowSize);
    const place = target.subarray(i * targetSize, (i + 1) * targetSize);
    if (inner.length === 0) place[0] = part[0]!;
    else copyBlock({ dims: inner, data: part }, place, targetInner);
  }
}
