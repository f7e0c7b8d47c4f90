/** Pixels of a canvas, in rows from the top. */
export interface CanvasPixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each pixel. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

export const HEADER_BYTES = 54;

/** Bytes of a row of pixels: rows are padded to four bytes. */
export function rowBytes(width: number): number {
  return Math.ceil((3 * width) / 4) * 4;
}

/**
 * Pixels as an uncompressed BMP of 24 bits, which every decoder reads exactly: the form in which
 * frames of a camera or a canvas are trained on and predicted. Opacity is left out.
 */
export function encodeBitmap({ width, height, data }: CanvasPixels): Uint8Array<ArrayBuffer> {
  const stride = rowBytes(width);
  const file = new Uint8Array(HEADER_BYTES + stride * height);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(2, file.length, true);
  view.setUint32(10, HEADER_BYTES, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  view.setUint32(34, stride * height, true);
  for (let y = 0; y < height; y++) {
    // The last row stands first.
    let to = HEADER_BYTES + (height - 1 - y) * stride;
    for (let x = 0, from = 4 * y * width; x < width; x++, from += 4, to += 3) {
      file[to] = data[from + 2]!;
      file[to + 1] = data[from + 1]!;
      file[to + 2] = data[from]!;
    }
  }
  return file;
}
