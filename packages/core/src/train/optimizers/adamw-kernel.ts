import type { UpdateRange } from "./optimizer.js";
import {
  type Code,
  compile,
  createMemory,
  get,
  type Half,
  pairs,
  quads,
  set,
  type WasmMemory,
} from "./wasm.js";

/** What is the same for all elements of one update. */
export interface AdamWFactors {
  readonly decay: number;
  readonly gain1: number;
  readonly beta2: number;
  readonly gain2: number;
  readonly rate: number;
  readonly correction: number;
  readonly epsilon: number;
}

/** What an update moves, and along what. */
export interface AdamWArrays {
  readonly weight: Float32Array;
  readonly gradient: Float32Array;
  readonly means: Float32Array;
  readonly variances: Float32Array;
}

/** Numbers that are moved at once: what is moved of four arrays stays in the cache of the processor. */
const BLOCK = 8192;
const BLOCK_BYTES = 4 * BLOCK;

/** Addresses of the blocks that gradients, and arrays that were not placed, are copied to. */
const GRADIENT_BLOCK = 0;
const ARRAY_BLOCKS = [1, 2, 3].map((block) => block * BLOCK_BYTES);
const BLOCKS_END = 4 * BLOCK_BYTES;

/** More than this is not asked of WebAssembly's memory, which has 4 GiB at most. */
const LARGEST_MEMORY = 2 ** 31;

/**
 * The update of AdamW in WebAssembly: means, variances and weights in double precision, two numbers at
 * once, and the root and the division between them in single precision, four at once. Arrays that were
 * placed are moved in place; others are copied to its memory and back, block by block.
 */
export class AdamWKernel {
  #memory: WasmMemory | undefined;
  #movePairs: (...parameters: number[]) => void = () => undefined;

  /** Copies arrays to where they are moved fastest; as they are where they are too large for it. */
  place(arrays: readonly Float32Array[]): Float32Array[] {
    const starts: number[] = [];
    let end = BLOCKS_END;
    for (const { length } of arrays) {
      starts.push(end);
      end += 4 * length;
    }
    if (end > LARGEST_MEMORY) return [...arrays];
    const memory = this.#allocate(end);
    return arrays.map((array, index) => {
      const placed = numbersAt(memory, starts[index]!, array.length);
      placed.set(array);
      return placed;
    });
  }

  /** Moves a part of a weight and its slots, in place. */
  move(update: AdamWArrays, { start, end, gradientStart }: UpdateRange, f: AdamWFactors): void {
    const arrays = [update.weight, update.means, update.variances];
    const factors = [f.decay, f.gain1, f.beta2, f.gain2, f.rate, f.correction, f.epsilon];
    const memory = this.#memory ?? this.#allocate(BLOCKS_END);
    const arePlaced = arrays.every(({ buffer }) => buffer === memory.buffer);
    for (let from = start; from < end; from += BLOCK) {
      const to = Math.min(from + BLOCK, end);
      const count = to - from;
      const offset = gradientStart - start;
      const slopes = update.gradient.subarray(from + offset, to + offset);
      numbersAt(memory, GRADIENT_BLOCK, count).set(slopes);
      // Four are moved at once: of any other number, more than there are would be.
      const isInPlace = arePlaced && count % 4 === 0;
      const addresses = isInPlace
        ? arrays.map(({ byteOffset }) => byteOffset + 4 * from)
        : ARRAY_BLOCKS;
      const blocks = isInPlace ? [] : ARRAY_BLOCKS.map((block) => numbersAt(memory, block, count));
      for (const [i, block] of blocks.entries()) block.set(arrays[i]!.subarray(from, to));
      this.#movePairs(4 * count, GRADIENT_BLOCK, ...addresses, ...factors);
      for (const [i, block] of blocks.entries()) arrays[i]!.set(block, from);
    }
  }

  #allocate(bytes: number): WasmMemory {
    this.#memory = createMemory(bytes);
    this.#movePairs = compile(this.#memory, MOVE);
    return this.#memory;
  }
}

function numbersAt({ buffer }: WasmMemory, address: number, count: number): Float32Array {
  return new Float32Array(buffer, address, count);
}

// Parameters and variables of the function.
const [POSITION, GRADIENT, WEIGHT, MEANS, VARIANCES] = [0, 1, 2, 3, 4];
const [DECAY, GAIN1, BETA2, GAIN2, RATE, CORRECTION, EPSILON] = [5, 6, 7, 8, 9, 10, 11];
const [DECAYS, GAINS1, BETAS2, GAINS2, RATES, CORRECTIONS, EPSILONS] = [12, 13, 14, 15, 16, 17, 18];
const [SLOPES, MEANS_BEFORE] = [
  [19, 20],
  [21, 22],
] as const;
const [MEAN, VARIANCE, DESCENT] = [23, 24, 25];

const MOVE = { integers: 5, numbers: 7, vectors: 14, before: constants(), loop: moveCode() };

/** The parameters as often as they are needed at once. */
function constants(): Code {
  return [
    ...set(DECAYS, pairs.splat(DECAY)),
    ...set(GAINS1, pairs.splat(GAIN1)),
    ...set(BETAS2, pairs.splat(BETA2)),
    ...set(GAINS2, pairs.splat(GAIN2)),
    ...set(RATES, quads.splat(RATE)),
    ...set(CORRECTIONS, quads.splat(CORRECTION)),
    ...set(EPSILONS, quads.splat(EPSILON)),
  ];
}

/** Four numbers: sums of two at a time, then one root and one division for all. */
function moveCode(): Code {
  const both = (code: (half: Half) => Code): Code => quads.of(code(0), code(1));
  const { add, subtract, multiply, load } = pairs;
  const read = (half: Half): Code => [
    ...set(SLOPES[half], load(GRADIENT, POSITION, half)),
    ...set(MEANS_BEFORE[half], load(MEANS, POSITION, half)),
  ];
  const mean = (half: Half): Code => {
    const [slope, before] = [get(SLOPES[half]), get(MEANS_BEFORE[half])];
    return add(before, multiply(get(GAINS1), subtract(slope, before)));
  };
  const variance = (half: Half): Code => {
    const slope = get(SLOPES[half]);
    const squared = multiply(multiply(get(GAINS2), slope), slope);
    return add(multiply(get(BETAS2), load(VARIANCES, POSITION, half)), squared);
  };
  const weight = (half: Half): Code =>
    subtract(multiply(load(WEIGHT, POSITION, half), get(DECAYS)), pairs.of(DESCENT, half));
  const deviation = quads.multiply(quads.sqrt(get(VARIANCE)), get(CORRECTIONS));
  const descent = quads.multiply(get(RATES), get(MEAN));
  return [
    ...[...read(0), ...read(1)],
    ...set(MEAN, both(mean)),
    ...set(VARIANCE, both(variance)),
    ...set(DESCENT, quads.divide(descent, quads.add(deviation, get(EPSILONS)))),
    ...quads.store(MEANS, POSITION, get(MEAN)),
    ...quads.store(VARIANCES, POSITION, get(VARIANCE)),
    ...quads.store(WEIGHT, POSITION, both(weight)),
  ];
}
