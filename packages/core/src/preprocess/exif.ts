/** The EXIF orientation of a picture that says nothing: stored upright. */
const UPRIGHT = 1;

const ORIENTATION_TAG = 0x0112;
const TYPE_SHORT = 3;
const TYPE_LONG = 4;

/**
 * The EXIF orientation, 1 to 8, of an encoded JPEG (APP1), PNG (eXIf) or WebP (EXIF chunk).
 * Bytes of another format, without the tag, truncated or damaged give 1, the upright orientation.
 * An orientation that is only in XMP is not read.
 */
export function readExifOrientation(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const exif = findExif(view);
    return exif === undefined ? UPRIGHT : readOrientationTag(exif);
  } catch (error) {
    // A read beyond the end: the file is shorter than its own offsets say.
    if (error instanceof RangeError) return UPRIGHT;
    throw error;
  }
}

function findExif(view: DataView): DataView | undefined {
  if (view.byteLength < 12) return undefined;
  if (view.getUint16(0) === 0xff_d8) return findInJpeg(view);
  if (view.getUint32(0) === 0x89_50_4e_47) return findInPng(view);
  if (fourCharacters(view, 0) === "RIFF" && fourCharacters(view, 8) === "WEBP") {
    return findInWebp(view);
  }
  return undefined;
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

/** Reads tag 0x0112 in the first directory of a TIFF structure. */
function readOrientationTag(tiff: DataView): number {
  const byteOrder = tiff.getUint16(0);
  const little = byteOrder === 0x49_49;
  if ((!little && byteOrder !== 0x4d_4d) || tiff.getUint16(2, little) !== 42) return UPRIGHT;
  const directory = tiff.getUint32(4, little);
  const entries = tiff.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * 12;
    if (tiff.getUint16(entry, little) !== ORIENTATION_TAG) continue;
    const value = readInteger(tiff, entry, little);
    return value >= 1 && value <= 8 ? value : UPRIGHT;
  }
  return UPRIGHT;
}

function readInteger(tiff: DataView, entry: number, little: boolean): number {
  const type = tiff.getUint16(entry + 2, little);
  if (type === TYPE_SHORT) return tiff.getUint16(entry + 8, little);
  return type === TYPE_LONG ? tiff.getUint32(entry + 8, little) : UPRIGHT;
}

function fourCharacters(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

function part(view: DataView, at: number, length: number): DataView {
  return new DataView(view.buffer, view.byteOffset + at, length);
}
