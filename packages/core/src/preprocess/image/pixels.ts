import type { ImagePreprocessing } from "../spec.js";
import type { RgbImage } from "./image.js";

/**
 * The image as a base model reads it: `(pixel - mean) / std` per channel, rounded once to
 * float32, in the layout `[3, height, width]` ("nchw") or `[height, width, 3]` ("nhwc").
 */
export function toPixels(
  image: RgbImage,
  spec: Pick<ImagePreprocessing, "mean" | "std" | "layout">,
): Float32Array {
  const { data } = image;
  const pixels = new Float32Array(data.length);
  const area = image.width * image.height;
  for (let channel = 0; channel < 3; channel++) {
    const normalized = normalizationTable(spec.mean[channel]!, spec.std[channel]!);
    let out = spec.layout === "nchw" ? channel * area : channel;
    const step = spec.layout === "nchw" ? 1 : 3;
    for (let i = channel; i < data.length; i += 3) {
      pixels[out] = normalized[data[i]!]!;
      out += step;
    }
  }
  return pixels;
}

function normalizationTable(mean: number, std: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, pixel) => (pixel - mean) / std);
}
