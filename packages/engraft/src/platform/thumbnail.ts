import sharp from "sharp";

/** Pixels of the longer side: twice what pages show, for dense screens. */
const SIZE = 192;
const QUALITY = 70;

/**
 * A small, upright copy of a picture, as a JPEG in a data URI.
 *
 * @returns Undefined where the picture cannot be decoded.
 */
export async function thumbnailOf(file: Uint8Array): Promise<string | undefined> {
  try {
    const jpeg = await sharp(file)
      .rotate()
      .resize(SIZE, SIZE, { fit: "inside", withoutEnlargement: true })
      .flatten({ background: "white" })
      .jpeg({ quality: QUALITY })
      .toBuffer();
    return `data:image/jpeg;base64,${jpeg.toString("base64")}`;
  } catch {
    return undefined;
  }
}
