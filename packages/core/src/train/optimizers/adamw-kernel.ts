import type { UpdateRange } from "./optimizer.js";
import { type Code, compile, createMemory, get, pairs, set, type WasmMemory } from "./wasm.js";

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
 * The update of AdamW in WebAssembly, which takes two numbers at once in double precision: with the
 * result of the same loop in JavaScript to the bit. Over arrays that were placed it takes less than
 * half the time; others are copied to its memory and back, block by block.
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
      // Of an odd number, one more than there are would be moved.
      const isInPlace = arePlaced && count % 2 === 0;
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
const [SLOPE, MEAN, VARIANCE] = [12, 13, 14];

const MOVE = { integers: 5, numbers: 7, pairs: 3, loop: moveCode() };

/** One pair, with the parameters and variables above. */
function moveCode(): Code {
  const { splat, sqrt, add, subtract, multiply, divide, load, store } = pairs;
  const decayed = multiply(load(WEIGHT, POSITION), splat(DECAY));
  const squared = multiply(multiply(splat(GAIN2), get(SLOPE)), get(SLOPE));
  const deviation = multiply(sqrt(get(VARIANCE)), splat(CORRECTION));
  const descent = divide(multiply(splat(RATE), get(MEAN)), add(deviation, splat(EPSILON)));
  return [
    ...set(SLOPE, load(GRADIENT, POSITION)),
    ...set(MEAN, load(MEANS, POSITION)),
    ...set(MEAN, add(get(MEAN), multiply(splat(GAIN1), subtract(get(SLOPE), get(MEAN))))),
    ...set(VARIANCE, add(multiply(splat(BETA2), load(VARIANCES, POSITION)), squared)),
    ...store(MEANS, POSITION, get(MEAN)),
    ...store(VARIANCES, POSITION, get(VARIANCE)),
    ...store(WEIGHT, POSITION, subtract(decayed, descent)),
  ];
}
