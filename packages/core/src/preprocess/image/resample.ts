import { type Region, type RgbImage, rgbImage } from "./image.js";

/** Interpolation of the resampler: `bilinear` is a triangle, `bicubic` Keys' cubic with a = -0.5. */
export type ResampleFilter = "bilinear" | "bicubic";

interface Kernel {
  /** Half width, in source pixels when the scale is 1. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const kernels: Readonly<Record<ResampleFilter, Kernel>> = {
  bilinear: { support: 1, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  bicubic: { support: 2, weight: cubic },
};

// The order of the operations is Pillow's, so that the last bit of each weight is too.
function cubic(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** Fractional bits of a weight: 32 less 8 for the pixel and 2 for the sum's overshoot. */
const PRECISION_BITS = 32 - 8 - 2;
const ONE_HALF = 1 << (PRECISION_BITS - 1);

/** For every output position along one axis: which source positions it reads, and their weights. */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** Fixed point, `stride` places for every output position. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/** Taps of the outputs `start` to `start + length - 1` of an axis resized from `from` to `to`. */
function computeTaps(
  from: number,
  to: number,
  start: number,
  length: number,
  kernel: Kernel,
): Taps {
  const scale = from / to;
  // When shrinking, the kernel widens so that every source pixel counts (antialiasing).
  const filterScale = Math.max(scale, 1);
  const support = kernel.support * filterScale;
  const inverse = 1 / filterScale;
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(length);
  const count = new Int32Array(length);
  const weights = new Int32Array(length * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < length; i++) {
    const center = (start + i + 0.5) * scale;
    const low = Math.max(Math.trunc(center - support + 0.5), 0);
    const taps = Math.min(Math.trunc(center + support + 0.5), from) - low;
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      const weight = kernel.weight((k + low - center + 0.5) * inverse);
      exact[k] = weight;
      sum += weight;
    }
    for (let k = 0; k < taps; k++) {
      const scaled = (exact[k]! / sum) * (1 << PRECISION_BITS);
      weights[i * stride + k] = Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
    first[i] = low;
    count[i] = taps;
  }
  return { first, count, weights, stride };
}

/** How one axis is resized: from and to how many positions, and which of the latter are wanted. */
interface Axis {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly length: number;
  readonly kernel: Kernel;
}

/**
 * Weights that are in memory at once, about 4 MB of them. A table for a whole axis is as large as its
 * side in the source times four, which for a strip of millions of pixels is more than the image.
 */
const WEIGHTS_AT_ONCE = 1 << 20;

/** The taps of an axis in blocks of outputs: one block unless the source has a huge side. */
function* tapBlocks(axis: Axis): Generator<{ readonly at: number; readonly taps: Taps }> {
  const { from, to, start, length, kernel } = axis;
  const perOutput = 2 * Math.ceil(kernel.support * Math.max(from / to, 1)) + 1;
  const size = Math.max(1, Math.floor(WEIGHTS_AT_ONCE / perOutput));
  for (let at = 0; at < length; at += size) {
    const taps = computeTaps(from, to, start + at, Math.min(size, length - at), kernel);
    yield { at, taps };
  }
}

/** The source positions that an axis reads: the first, and how many from there. */
function extent(axis: Axis): { start: number; length: number } {
  const { from, to, kernel } = axis;
  const first = computeTaps(from, to, axis.start, 1, kernel);
  const last = computeTaps(from, to, axis.start + axis.length - 1, 1, kernel);
  const start = first.first[0]!;
  return { start, length: last.first[0]! + last.count[0]! - start };
}

/** Where a pass reads its source, which may begin at another position than the image. */
interface Window {
  /** Position in the image of the source's first position along the axis that is resampled. */
  readonly offset: number;
  /** First position of the source along the other axis. */
  readonly first: number;
}

/** Fills `target` with rows of `source`, each resampled to its width. */
function resampleRows(source: RgbImage, axis: Axis, window: Window, target: RgbImage): RgbImage {
  for (const { at, taps } of tapBlocks(axis)) resampleRowBlock(source, at, taps, window, target);
  return target;
}

function resampleRowBlock(
  source: RgbImage,
  firstOutput: number,
  { first, count, weights, stride }: Taps,
  window: Window,
  target: RgbImage,
): void {
  const input = source.data;
  const output = saturating(target);
  const outputs = first.length;
  for (let y = 0; y < target.height; y++) {
    const row = (window.first + y) * source.width - window.offset;
    let out = (y * target.width + firstOutput) * 3;
    for (let x = 0; x < outputs; x++) {
      let red = ONE_HALF;
      let green = ONE_HALF;
      let blue = ONE_HALF;
      let at = (row + first[x]!) * 3;
      const end = x * stride + count[x]!;
      for (let k = x * stride; k < end; k++) {
        const weight = weights[k]!;
        red = (red + Math.imul(input[at]!, weight)) | 0;
        green = (green + Math.imul(input[at + 1]!, weight)) | 0;
        blue = (blue + Math.imul(input[at + 2]!, weight)) | 0;
        at += 3;
      }
      output[out++] = red >> PRECISION_BITS;
      output[out++] = green >> PRECISION_BITS;
      output[out++] = blue >> PRECISION_BITS;
    }
  }
}

/** Fills `target` with columns of `source`, each resampled to its height. */
function resampleColumns(source: RgbImage, axis: Axis, window: Window, target: RgbImage): RgbImage {
  for (const { at, taps } of tapBlocks(axis)) resampleColumnBlock(source, at, taps, window, target);
  return target;
}

function resampleColumnBlock(
  source: RgbImage,
  firstOutput: number,
  { first, count, weights, stride }: Taps,
  window: Window,
  target: RgbImage,
): void {
  const input = source.data;
  const output = saturating(target);
  const rowBytes = target.width * 3;
  const sums = new Int32Array(rowBytes);
  for (let y = 0; y < first.length; y++) {
    sums.fill(ONE_HALF);
    for (let k = 0; k < count[y]!; k++) {
      const weight = weights[y * stride + k]!;
      const start = ((first[y]! + k - window.offset) * source.width + window.first) * 3;
      for (let i = 0; i < rowBytes; i++) {
        sums[i] = sums[i]! + Math.imul(input[start + i]!, weight);
      }
    }
    const out = (firstOutput + y) * rowBytes;
    for (let i = 0; i < rowBytes; i++) output[out + i] = sums[i]! >> PRECISION_BITS;
  }
}

/** The image's bytes, in which a stored number is held within 0 and 255. */
function saturating({ data }: RgbImage): Uint8ClampedArray {
  return new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
}

/**
 * Resizes to `width` x `height` with the very pixels of Pillow's `Image.resize`: antialiased, in
 * 8-bit fixed point (`src/libImaging/Resample.c`, Pillow 13; earlier versions never start with the
 * columns and so differ by 1 in some pixels of images whose height shrinks much more).
 *
 * `region`, inside the resized image, computes only that part of it: the same pixels as resizing
 * and then cropping, at the cost of the part. An image that has the size already is returned as is.
 */
export function resize(
  image: RgbImage,
  width: number,
  height: number,
  filter: ResampleFilter,
  region: Region = { left: 0, top: 0, width, height },
): RgbImage {
  const whole = region.width === width && region.height === height;
  if (whole && width === image.width && height === image.height) return image;
  const kernel = kernels[filter];
  const across: Axis = {
    from: image.width,
    to: width,
    start: region.left,
    length: region.width,
    kernel,
  };
  const down: Axis = {
    from: image.height,
    to: height,
    start: region.top,
    length: region.height,
    kernel,
  };
  const resized = rgbImage(region.width, region.height);
  const fewerRows = image.height - height;
  if (fewerRows > 0 && fewerRows > 2 * (image.width - width)) {
    const columns = extent(across);
    const flat = rgbImage(columns.length, region.height);
    resampleColumns(image, down, { offset: 0, first: columns.start }, flat);
    return resampleRows(flat, across, { offset: columns.start, first: 0 }, resized);
  }
  const rows = extent(down);
  const narrow = rgbImage(region.width, rows.length);
  resampleRows(image, across, { offset: 0, first: rows.start }, narrow);
  return resampleColumns(narrow, down, { offset: rows.start, first: 0 }, resized);
}
