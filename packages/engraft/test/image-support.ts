/** A TIFF of one strip without compression. */
export interface TiffParts {
  readonly width: number;
  readonly height: number;
  /** The samples of each pixel, one after the other, as they are stored (little endian). */
  readonly samples: Uint8Array | Uint16Array | Int16Array | Uint32Array | Float32Array;
  /** Bands of a pixel. Default 1. */
  readonly bands?: number;
  readonly orientation?: number;
  /** What the bands beyond the colours are: 0 nothing that is said, 2 transparency. */
  readonly extra?: number;
  /** Write it as BigTIFF. Default false. */
  readonly big?: boolean;
}

/** Writes a TIFF as `TiffParts` say; grey below three bands. */
export function tiff(parts: TiffParts): Uint8Array {
  const { width, height, samples, bands = 1, orientation, extra, big = false } = parts;
  const format = samples instanceof Float32Array ? 3 : samples instanceof Int16Array ? 2 : 1;
  const sampleBits = 8 * samples.BYTES_PER_ELEMENT;
  const pixels = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const start = big ? 16 : 8;
  const entries: [tag: number, type: number, values: number[]][] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, Array.from({ length: bands }, () => sampleBits)],
    [259, 3, [1]],
    [262, 3, [bands >= 3 ? 2 : 1]],
    [273, 4, [start]],
    ...(orientation === undefined ? [] : [[274, 3, [orientation]] as [number, number, number[]]]),
    [277, 3, [bands]],
    [278, 4, [height]],
    [279, 4, [pixels.length]],
    ...(extra === undefined ? [] : [[338, 3, [extra]] as [number, number, number[]]]),
    [339, 3, Array.from({ length: bands }, () => format)],
  ];
  const directory = start + pixels.length + (pixels.length % 2);
  const [countSize, entrySize, valueSize] = big ? [8, 20, 8] : [2, 12, 4];
  let free = directory + countSize + entries.length * entrySize + valueSize;
  const file = new Uint8Array(free + 200);
  const view = new DataView(file.buffer);
  const word = (at: number, value: number): void =>
    big ? view.setBigUint64(at, BigInt(value), true) : view.setUint32(at, value, true);
  file.set([0x49, 0x49]);
  view.setUint16(2, big ? 43 : 42, true);
  if (big) view.setUint16(4, 8, true);
  word(big ? 8 : 4, directory);
  file.set(pixels, start);
  if (big) word(directory, entries.length);
  else view.setUint16(directory, entries.length, true);
  for (const [i, [tag, type, values]] of entries.entries()) {
    const entry = directory + countSize + i * entrySize;
    view.setUint16(entry, tag, true);
    view.setUint16(entry + 2, type, true);
    word(entry + 4, values.length);
    const size = type === 3 ? 2 : 4;
    let at = entry + 4 + valueSize;
    if (size * values.length > valueSize) {
      word(at, free);
      at = free;
      free += size * values.length;
    }
    for (const [j, value] of values.entries()) {
      if (size === 2) view.setUint16(at + 2 * j, value, true);
      else view.setUint32(at + 4 * j, value, true);
    }
  }
  return file;
}

/** The parts of a Windows bitmap. */
export interface BmpParts {
  readonly width: number;
  /** Negative where the rows stand from the top. */
  readonly height: number;
  readonly bits: number;
  readonly compression?: number;
  /** Red, green and blue of each colour. */
  readonly palette?: readonly (readonly number[])[];
  readonly masks?: readonly number[];
  /** The rows as they are stored, padded. */
  readonly rows: readonly number[];
  /** Write the header of OS/2. Default false. */
  readonly core?: boolean;
}

/** Writes a Windows bitmap as `BmpParts` say. */
export function bmp(parts: BmpParts): Uint8Array {
  const { width, height, bits, compression = 0, palette = [], masks = [], rows, core } = parts;
  const headerSize = core ? 12 : 40;
  const header = new DataView(new ArrayBuffer(headerSize));
  header.setUint32(0, headerSize, true);
  if (core) {
    header.setUint16(4, width, true);
    header.setUint16(6, height, true);
    header.setUint16(8, 1, true);
    header.setUint16(10, bits, true);
  } else {
    header.setInt32(4, width, true);
    header.setInt32(8, height, true);
    header.setUint16(12, 1, true);
    header.setUint16(14, bits, true);
    header.setUint32(16, compression, true);
    header.setUint32(32, palette.length, true);
  }
  const maskBytes = new Uint8Array(Uint32Array.from(masks).buffer);
  const colours = palette.flatMap(([r = 0, g = 0, b = 0]) => (core ? [b, g, r] : [b, g, r, 0]));
  const offset = 14 + headerSize + maskBytes.length + colours.length;
  const start = new DataView(new ArrayBuffer(14));
  start.setUint16(0, 0x42_4d);
  start.setUint32(2, offset + rows.length, true);
  start.setUint32(10, offset, true);
  return Buffer.concat([
    new Uint8Array(start.buffer),
    new Uint8Array(header.buffer),
    maskBytes,
    Uint8Array.from(colours),
    Uint8Array.from(rows),
  ]);
}
