import type { TokenBatch } from "./text.js";

/** Which of `[rows, length]` tokens are real; see `padBatch`. */
export type TokenMask = Pick<TokenBatch, "mask" | "rows" | "length">;

/**
 * Mean over the real tokens of each row: `[rows, length, width]` to `[rows, width]`. A row without
 * tokens gives zeros.
 */
export function maskedMean(hidden: Float32Array, tokens: TokenMask): Float32Array {
  return pool(hidden, tokens, (pooled, token, count) => pooled + (token - pooled) / count);
}

/**
 * Maximum over the real tokens of each row: `[rows, length, width]` to `[rows, width]`. A row
 * without tokens gives zeros.
 */
export function maskedMax(hidden: Float32Array, tokens: TokenMask): Float32Array {
  return pool(hidden, tokens, (pooled, token, count) =>
    count === 1 ? token : Math.max(pooled, token),
  );
}

/** Folds the real tokens of each row; `count` includes the token at hand. */
function pool(
  hidden: Float32Array,
  { mask, rows, length }: TokenMask,
  fold: (pooled: number, token: number, count: number) => number,
): Float32Array {
  const width = hidden.length / (rows * length);
  const result = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    let count = 0;
    for (let position = row * length; position < (row + 1) * length; position++) {
      if (mask[position] === 0n) continue;
      count += 1;
      for (let i = 0; i < width; i++) {
        const at = row * width + i;
        result[at] = fold(result[at]!, hidden[position * width + i]!, count);
      }
    }
  }
  return Float32Array.from(result);
}

/** Scales each row of `[rows, width]` to Euclidean length 1; a row of zeros stays as it is. */
export function normalizeRows(values: Float32Array, width: number): Float32Array {
  const result = Float32Array.from(values);
  for (let start = 0; start < result.length; start += width) {
    const row = result.subarray(start, start + width);
    const norm = Math.hypot(...row);
    if (norm > 0) row.set(row.map((value) => value / norm));
  }
  return result;
}
