import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { UsageError } from "../errors.js";

/** Anything with numbered, writable places: an array or a typed array. */
export interface Indexed {
  readonly length: number;
  [index: number]: unknown;
}

/**
 * A stream of pseudo-random numbers (xoroshiro128+). The same seed and the same calls give the same
 * numbers on every machine. Not for secrets.
 */
export interface Random {
  /** A whole number from 0 (included) to `below` (excluded), each equally likely. */
  integer(below: number): number;
  /** A number from 0 (included) to 1 (excluded), a multiple of 2⁻⁵³. */
  double(): number;
  /** A draw from the normal distribution with mean 0 and variance 1. */
  normal(): number;
  /** Puts the values in a random order, in place (Fisher-Yates), and returns them. */
  shuffle<T extends Indexed>(values: T): T;
  /**
   * An independent stream of its own. It depends on this stream's seed and on the label only, not on
   * what was drawn before: one part of a program can draw more without changing what another gets.
   */
  derive(label: string): Random;
}

/**
 * The stream that belongs to a seed.
 *
 * @param seed any whole number that a double holds exactly.
 * @throws {UsageError} when the seed is not such a number.
 */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) {
    throw new UsageError(
      `The seed is ${seed}; expected a whole number between -(2^53 - 1) and 2^53 - 1, for example 42.`,
    );
  }
  return streamOf(String(seed));
}

/** @param name the seed, and the labels derived through since. Every name has a stream of its own. */
function streamOf(name: string): Random {
  const generator = xoroshiro128plusFromState(stateFrom(name));
  const integer = (below: number): number => uniformInt(generator, 0, below - 1);
  const double = (): number => uniformFloat64(generator);
  return {
    integer,
    double,
    // Box-Muller; 1 - u is never 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - double())) * Math.cos(2 * Math.PI * double()),
    shuffle: (values) => {
      for (let last = values.length - 1; last > 0; last--) {
        const chosen = integer(last + 1);
        const value = values[chosen];
        values[chosen] = values[last];
        values[last] = value;
      }
      return values;
    },
    // The length makes the name unambiguous whatever the label contains.
    derive: (label) => streamOf(`${name}/${label.length}:${label}`),
  };
}

/** 128 bits that depend on every character: four 32-bit lanes, each mixed as in MurmurHash3. */
function stateFrom(name: string): number[] {
  return [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667].map((start) => {
    let hash = start;
    for (let i = 0; i < name.length; i++) {
      hash = Math.imul(hash ^ name.charCodeAt(i), 0xcc9e2d51);
      hash = (hash << 15) | (hash >>> 17);
      hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  });
}
