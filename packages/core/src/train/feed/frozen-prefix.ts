import { elementCount, type Tensor } from "@engraft/onnx";
import { forEachConcurrent } from "../../concurrency.js";
import { UsageError } from "../../errors.js";
import type { OnProgress } from "../../platform.js";
import type { Feeds } from "../../runtime/feeds.js";
import type { Runtime, Session } from "../../runtime/runtime.js";
import { copyOfModel } from "../../runtime/session-model.js";
import type { CompiledStep } from "../step/compile-step.js";
import type { ExampleSource } from "./example-source.js";

/** The cut values of one example, without the batch axis. */
type CutRow = readonly Row[];

interface Row {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Above this many bytes the cut is computed anew for every batch instead of being kept. */
const LARGEST_CACHE_BYTES = 1 << 30;

/**
 * Feeds a training step: the frozen prefix has run over the examples, once where they look the same
 * in every epoch, and what the step reads beside it is added.
 */
export class FrozenPrefix {
  readonly #step: CompiledStep;
  readonly #source: ExampleSource;
  readonly #session: Session | undefined;
  #rows: readonly CutRow[] | undefined;

  private constructor(step: CompiledStep, source: ExampleSource, session: Session | undefined) {
    this.#step = step;
    this.#source = source;
    this.#session = session;
  }

  /** Loads the prefix and, where it can be kept, runs it over all examples. */
  static async open(
    step: CompiledStep,
    source: ExampleSource,
    runtime: Runtime,
    options: {
      readonly signal?: AbortSignal | undefined;
      readonly onProgress?: OnProgress | undefined;
    },
  ): Promise<FrozenPrefix> {
    const session = step.prefix && (await runtime.createSession(copyOfModel(step.prefix.bytes)));
    const prefix = new FrozenPrefix(step, source, session);
    if (session !== undefined && !source.varies) await prefix.#fill(runtime, options);
    return prefix;
  }

  /** What the step is fed for some examples, in the order of the positions. */
  async feeds(positions: readonly number[], epoch: number): Promise<Feeds> {
    const { cut, inputs } = this.#step;
    if (this.#rows !== undefined) {
      const rows = positions.map((position) => this.#rows![position]!);
      const joined = cut.map(
        ({ name }, index) => [name, padRows(rows.map((row) => row[index]!))] as const,
      );
      const read = inputs.length === 0 ? [] : await this.#source.read(positions, epoch);
      return new Map([...read, ...joined]);
    }
    const read = await this.#source.read(positions, epoch);
    return this.#session === undefined ? read : new Map([...read, ...(await this.#run(read))]);
  }

  async close(): Promise<void> {
    await this.#session?.release();
  }

  /**
   * Runs over all examples, in groups that do not depend on how they will be batched: a run that is
   * resumed computes the same bits.
   */
  async #fill(
    runtime: Runtime,
    {
      signal,
      onProgress,
    }: { signal?: AbortSignal | undefined; onProgress?: OnProgress | undefined },
  ): Promise<void> {
    const rows: CutRow[] = new Array(this.#source.count);
    const { cut } = this.#step;
    let done = 0;
    let bytes = 0;
    const runGroup = async (positions: number[]): Promise<void> => {
      if (bytes > LARGEST_CACHE_BYTES) return;
      const outputs = await this.#run(await this.#source.read(positions, 0));
      for (const { name } of cut) requireRows(name, outputs.get(name)!, positions.length);
      for (const [index, position] of positions.entries()) {
        rows[position] = cut.map(({ name }) => rowOfTensor(outputs.get(name)!, index));
        bytes += rows[position].reduce((sum, { data }) => sum + data.byteLength, 0);
      }
      done += positions.length;
      onProgress?.({ phase: "features", done, total: rows.length });
    };
    await forEachConcurrent(this.#source.groups(), runtime.concurrency + 1, runGroup, signal);
    if (bytes <= LARGEST_CACHE_BYTES) this.#rows = rows;
  }

  async #run(read: Feeds): Promise<Feeds> {
    const { inputs } = this.#step.prefix!;
    return this.#session!.run(new Map(inputs.map((name) => [name, copyOf(read.get(name)!)])));
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
