import type { RgbImage } from "./image.js";

const BITS_PER_CHANNEL = 2;

/** Length of {@link colorHistogram}: 4 levels of each channel, 4 x 4 x 4. */
export const COLOR_HISTOGRAM_BINS: number = 1 << (3 * BITS_PER_CHANNEL);

/**
 * Joint RGB histogram, a feature that needs no model and so a baseline for those that do. Bin
 * `16 r + 4 g + b` of the two leading bits of each channel holds the square root of its share of
 * the pixels (the Hellinger map), so the vector has length 1 whatever the image's size.
 */
export function colorHistogram(image: RgbImage): Float32Array {
  const { data } = image;
  const counts = new Float64Array(COLOR_HISTOGRAM_BINS);
  const shift = 8 - BITS_PER_CHANNEL;
  for (let i = 0; i < data.length; i += 3) {
    const red = data[i]! >> shift;
    const green = data[i + 1]! >> shift;
    const blue = data[i + 2]! >> shift;
    const bin = (((red << BITS_PER_CHANNEL) | green) << BITS_PER_CHANNEL) | blue;
    counts[bin] = counts[bin]! + 1;
  }
  const area = image.width * image.height;
  return Float32Array.from(counts, (count) => Math.sqrt(count / area));
}
