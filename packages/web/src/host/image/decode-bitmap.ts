import type { RgbImage } from "@engraft/core/images";
import { HEADER_BYTES, rowBytes } from "./encode-bitmap.js";

/**
 * The pixels of a BMP as `encodeBitmap` writes it: frames of a camera and canvases need no decoder.
 *
 * @returns Undefined for every other file.
 */
export function decodeBitmap(file: Uint8Array): RgbImage | undefined {
  if (file.length < HEADER_BYTES || file[0] !== 0x42 || file[1] !== 0x4d) return undefined;
  const header = new DataView(file.buffer, file.byteOffset, HEADER_BYTES);
  const width = header.getInt32(18, true);
  const height = header.getInt32(22, true);
  const isPlain =
    header.getUint32(10, true) === HEADER_BYTES &&
    header.getUint32(14, true) === 40 &&
    header.getUint16(28, true) === 24 &&
    header.getUint32(30, true) === 0;
  // Of a negative height the first row stands first.
  if (!isPlain || width <= 0 || height <= 0) return undefined;
  const stride = rowBytes(width);
  if (file.length !== HEADER_BYTES + stride * height) return undefined;
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, to = 0; y < height; y++) {
    let from = HEADER_BYTES + (height - 1 - y) * stride;
    for (let x = 0; x < width; x++, from += 3, to += 3) {
      data[to] = file[from + 2]!;
      data[to + 1] = file[from + 1]!;
      data[to + 2] = file[from]!;
    }
  }
  return { width, height, data };
}
