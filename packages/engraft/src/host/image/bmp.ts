import type { RgbImage } from "@engraft/core/images";

/** The header of a Windows bitmap. */
interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Rows stand from the bottom to the top, as usual. */
  readonly isBottomUp: boolean;
  readonly bits: number;
  readonly compression: number;
  /** Where the table of colours or the masks of bits begin. */
  readonly tableOffset: number;
  /** Bytes of a colour in the table. */
  readonly entrySize: number;
  readonly colours: number;
  readonly pixelOffset: number;
}

const RAW = 0;
const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;
const ALPHA_BITFIELDS = 6;

const FILE_HEADER = 14;
/** The header of OS/2, with sides of 16 bits and colours of three bytes. */
const CORE_HEADER = 12;
/** The header of Windows 3; later ones are longer and begin with it. */
const INFO_HEADER = 40;

/** A file is not a bitmap that can be decoded; the message says why. */
export class BmpError extends Error {}

/** Reads the sides of a bitmap. Throws a BmpError where they cannot be read. */
export function readBmpSize(file: Uint8Array): { width: number; height: number } {
  const { width, height } = readHeader(file);
  return { width, height };
}

/**
 * Decodes a Windows bitmap of 1, 4, 8, 16, 24 or 32 bits, run-length encoded or not, to the pixels that
 * Pillow gives. A fourth channel is left out.
 *
 * @throws BmpError when the file is not such a bitmap, or is cut off.
 */
export function decodeBmp(file: Uint8Array): RgbImage {
  const header = readHeader(file);
  const { width, height, bits, compression, isBottomUp } = header;
  const data = new Uint8Array(3 * width * height);
  const row = (y: number): number => 3 * width * (isBottomUp ? height - 1 - y : y);
  if (compression === RLE8 || compression === RLE4) {
    paintIndices(decodeRuns(file, header), readPalette(file, header), header, data, row);
  } else if (bits <= 8) {
    paintIndices(unpackIndices(file, header), readPalette(file, header), header, data, row);
  } else {
    paintColours(file, header, data, row);
  }
  return { width, height, data };
}

function readHeader(file: Uint8Array): BmpHeader {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (view.byteLength < FILE_HEADER + CORE_HEADER) throw new BmpError("it is cut off");
  const size = view.getUint32(FILE_HEADER, true);
  const pixelOffset = view.getUint32(10, true);
  const isCore = size === CORE_HEADER;
  if (!isCore && size < INFO_HEADER) throw new BmpError(`its header has ${size} bytes`);
  if (view.byteLength < FILE_HEADER + size) throw new BmpError("it is cut off");
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  if (width <= 0 || height === 0) throw new BmpError(`it has ${width} x ${height} pixels`);
  const bits = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? RAW : view.getUint32(30, true);
  requireKnown(bits, compression);
  const hasMasks = compression === BITFIELDS || compression === ALPHA_BITFIELDS;
  const colours = isCore ? 0 : view.getUint32(46, true);
  return {
    width,
    height,
    isBottomUp: signedHeight > 0,
    bits,
    compression,
    // Masks are inside of the longer headers.
    tableOffset: hasMasks ? FILE_HEADER + INFO_HEADER : FILE_HEADER + size,
    entrySize: isCore ? 3 : 4,
    colours: colours === 0 ? 2 ** Math.min(bits, 8) : colours,
    pixelOffset,
  };
}

function requireKnown(bits: number, compression: number): void {
  const known = new Map<number, readonly number[]>([
    [RAW, [1, 4, 8, 16, 24, 32]],
    [RLE8, [8]],
    [RLE4, [4]],
    [BITFIELDS, [16, 32]],
    [ALPHA_BITFIELDS, [16, 32]],
  ]);
  if (known.get(compression)?.includes(bits)) return;
  throw new BmpError(`its compression ${compression} with ${bits} bits a pixel is not read`);
}

/** The table of colours, red, green and blue each; missing ones are black. */
function readPalette(file: Uint8Array, header: BmpHeader): Uint8Array {
  const palette = new Uint8Array(3 * 256);
  for (let i = 0; i < Math.min(header.colours, 256); i++) {
    const at = header.tableOffset + i * header.entrySize;
    if (at + 3 > file.length) break;
    palette[3 * i] = file[at + 2]!;
    palette[3 * i + 1] = file[at + 1]!;
    palette[3 * i + 2] = file[at]!;
  }
  return palette;
}

/** A row of pixels is padded to whole words of four bytes. */
function requirePixels(file: Uint8Array, { width, height, bits, pixelOffset }: BmpHeader): number {
  const stride = 4 * Math.ceil((width * bits) / 32);
  if (pixelOffset + stride * height > file.length) throw new BmpError("it is cut off");
  return stride;
}

function unpackIndices(file: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bits, pixelOffset } = header;
  const stride = requirePixels(file, header);
  const indices = new Uint8Array(width * height);
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = file[pixelOffset + y * stride + Math.floor(x / perByte)]!;
      indices[y * width + x] = (byte >> (8 - bits * ((x % perByte) + 1))) & mask;
    }
  }
  return indices;
}

/** Runs: `count index`, or `0 0` ends a row, `0 1` the image, `0 2 dx dy` moves, `0 n` copies n. */
function decodeRuns(file: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, compression, pixelOffset } = header;
  const indices = new Uint8Array(width * height);
  const isNibbles = compression === RLE4;
  let at = pixelOffset;
  let x = 0;
  let y = 0;
  const put = (index: number): void => {
    if (x < width && y < height) indices[y * width + x] = index;
    x += 1;
  };
  while (y < height) {
    if (at + 2 > file.length) throw new BmpError("it is cut off");
    const count = file[at]!;
    const value = file[at + 1]!;
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(isNibbles ? (value >> (i % 2 ? 0 : 4)) & 15 : value);
    } else if (value === 0) {
      x = 0;
      y += 1;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      x += file[at] ?? 0;
      y += file[at + 1] ?? 0;
      at += 2;
    } else {
      const bytes = isNibbles ? Math.ceil(value / 2) : value;
      if (at + bytes > file.length) throw new BmpError("it is cut off");
      for (let i = 0; i < value; i++) {
        const byte = file[at + (isNibbles ? i >> 1 : i)]!;
        put(isNibbles ? (byte >> (i % 2 ? 0 : 4)) & 15 : byte);
      }
      at += bytes + (bytes % 2);
    }
  }
  return indices;
}

function paintIndices(
  indices: Uint8Array,
  palette: Uint8Array,
  { width, height }: BmpHeader,
  data: Uint8Array,
  row: (y: number) => number,
): void {
  for (let y = 0; y < height; y++) {
    const to = row(y);
    for (let x = 0; x < width; x++) {
      const from = 3 * indices[y * width + x]!;
      data.set(palette.subarray(from, from + 3), to + 3 * x);
    }
  }
}

function paintColours(
  file: Uint8Array,
  header: BmpHeader,
  data: Uint8Array,
  row: (y: number) => number,
): void {
  const { width, height, bits, pixelOffset } = header;
  const stride = requirePixels(file, header);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const masks = bits === 24 ? [0xff0000, 0xff00, 0xff] : readMasks(view, header);
  const channels = masks.map((mask) => ({ mask, ...shiftOf(mask) }));
  for (let y = 0; y < height; y++) {
    let to = row(y);
    for (let x = 0; x < width; x++) {
      const at = pixelOffset + y * stride + (x * bits) / 8;
      const pixel =
        bits === 16
          ? view.getUint16(at, true)
          : bits === 32
            ? view.getUint32(at, true)
            : view.getUint16(at, true) + view.getUint8(at + 2) * 65536;
      for (const { mask, shift, largest } of channels) {
        const value = (pixel & mask) >>> shift;
        data[to++] = largest === 255 ? value : Math.floor((value * 255) / largest);
      }
    }
  }
}

/** The bits of red, green and blue in a pixel of 16 or 32 bits. */
function readMasks(view: DataView, { bits, compression, tableOffset }: BmpHeader): number[] {
  if (compression === RAW) return bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
  if (tableOffset + 12 > view.byteLength) throw new BmpError("it is cut off");
  return [0, 4, 8].map((offset) => view.getUint32(tableOffset + offset, true));
}

function shiftOf(mask: number): { shift: number; largest: number } {
  if (mask === 0) return { shift: 0, largest: 1 };
  const shift = 31 - Math.clz32(mask & -mask);
  return { shift, largest: mask >>> shift };
}
