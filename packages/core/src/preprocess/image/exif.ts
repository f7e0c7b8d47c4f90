/** The EXIF orientation of an image that says nothing: stored upright. */
const UPRIGHT = 1;

const ORIENTATION_TAG = 0x0112;
const TYPE_SHORT = 3;
const TYPE_LONG = 4;

/**
 * The EXIF orientation, 1 to 8, of an encoded JPEG (APP1), PNG (eXIf), WebP (EXIF chunk) or TIFF.
 * Bytes of another format, without the tag, truncated or damaged give 1, the upright orientation.
 * An orientation that is only in XMP is not read.
 */
export function readExifOrientation(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const exif = findExif(view);
    const value = exif === undefined ? UPRIGHT : findTag(exif, ORIENTATION_TAG);
    return value !== undefined && value >= 1 && value <= 8 ? value : UPRIGHT;
  } catch (error) {
    // A read beyond the end: the file is shorter than its own offsets say.
    if (error instanceof RangeError) return UPRIGHT;
    throw error;
  }
}

/**
 * The same file without its EXIF orientation: a decoder that turns images by it gives the pixels as
 * they are stored. A file that says nothing of it is given back.
 */
export function withoutExifOrientation(bytes: Uint8Array): Uint8Array {
  if (readExifOrientation(bytes) === UPRIGHT) return bytes;
  const copy = bytes.slice();
  const exif = findExif(new DataView(copy.buffer));
  const found = exif && findEntry(exif, ORIENTATION_TAG);
  // The entry stays, with the number of no tag.
  if (found !== undefined) exif!.setUint16(found.at, 0, found.little);
  return copy;
}

function findExif(view: DataView): DataView | undefined {
  if (view.byteLength < 12) return undefined;
  if (view.getUint16(0) === 0xff_d8) return findInJpeg(view);
  if (view.getUint32(0) === 0x89_50_4e_47) return findInPng(view);
  if (fourCharacters(view, 0) === "RIFF" && fourCharacters(view, 8) === "WEBP") {
    return findInWebp(view);
  }
  return view;
}

/** Marker segments: `FF marker length(2, counts itself) payload`, until the scan starts. */
function findInJpeg(view: DataView): DataView | undefined {
  const app1 = 0xe1;
  const startOfScan = 0xda;
  let at = 2;
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1; // A fill byte before the marker.
      continue;
    }
    if (marker === startOfScan) return undefined;
    const length = view.getUint16(at + 2);
    if (marker === app1 && fourCharacters(view, at + 4) === "Exif") {
      return part(view, at + 10, length - 8);
    }
    at += 2 + length;
  }
  return undefined;
}

/** Chunks: `length(4) type(4) payload crc(4)` after the signature of 8 bytes. */
function findInPng(view: DataView): DataView | undefined {
  let at = 8;
  for (;;) {
    const length = view.getUint32(at);
    const type = fourCharacters(view, at + 4);
    if (type === "eXIf") return part(view, at + 8, length);
    if (type === "IEND") return undefined;
    at += 12 + length;
  }
}

/** Chunks: `type(4) length(4, little endian) payload`, padded to even, after 12 bytes. */
function findInWebp(view: DataView): DataView | undefined {
  let at = 12;
  while (at + 8 <= view.byteLength) {
    const length = view.getUint32(at + 4, true);
    if (fourCharacters(view, at) === "EXIF") {
      // Some writers keep the "Exif\0\0" that JPEG puts before the TIFF header.
      const prefix = fourCharacters(view, at + 8) === "Exif" ? 6 : 0;
      return part(view, at + 8 + prefix, length - prefix);
    }
    at += 8 + length + (length % 2);
  }
  return undefined;
}

/**
 * The first value of a tag in the first directory of a TIFF or BigTIFF, where it is a whole number that
 * stands in the directory itself. `undefined` without it, and for bytes of another format.
 */
export function readTiffTag(bytes: Uint8Array, tag: number): number | undefined {
  try {
    return findTag(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), tag);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function findTag(tiff: DataView, tag: number): number | undefined {
  const found = findEntry(tiff, tag);
  return found && readInteger(tiff, found.at, found.value, found.little);
}

/** An entry of a directory. */
interface Entry {
  readonly at: number;
  /** Where in the entry its value is. */
  readonly value: number;
  /** Whether numbers begin with their lowest byte. */
  readonly little: boolean;
}

/** Directory: `count (tag(2) type(2) count value)*`; BigTIFF has counts and values of 8 bytes. */
function findEntry(tiff: DataView, tag: number): Entry | undefined {
  const byteOrder = tiff.getUint16(0);
  const little = byteOrder === 0x49_49;
  const version = tiff.getUint16(2, little);
  const isBig = version === 43;
  if ((!little && byteOrder !== 0x4d_4d) || (version !== 42 && !isBig)) return undefined;
  const directory = isBig ? Number(tiff.getBigUint64(8, little)) : tiff.getUint32(4, little);
  const entries = isBig
    ? Number(tiff.getBigUint64(directory, little))
    : tiff.getUint16(directory, little);
  const [first, size, value] = isBig ? [8, 20, 12] : [2, 12, 8];
  for (let i = 0; i < entries; i++) {
    const at = directory + first + i * size;
    if (tiff.getUint16(at, little) === tag) return { at, value, little };
  }
  return undefined;
}

function readInteger(
  tiff: DataView,
  entry: number,
  value: number,
  little: boolean,
): number | undefined {
  const type = tiff.getUint16(entry + 2, little);
  if (type === TYPE_SHORT) return tiff.getUint16(entry + value, little);
  return type === TYPE_LONG ? tiff.getUint32(entry + value, little) : undefined;
}

function fourCharacters(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

function part(view: DataView, at: number, length: number): DataView {
  return new DataView(view.buffer, view.byteOffset + at, length);
}
