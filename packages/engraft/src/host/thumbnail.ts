import { orient, readExifOrientation } from "@engraft/core/images";
import sharp, { type Sharp } from "sharp";
import { decodePicture } from "./picture/decode.js";
import { type PictureFormat, recognizePicture } from "./picture/format.js";

/** Pixels of the longer side: twice what pages show, for dense screens. */
const SIZE = 192;
const QUALITY = 70;

/** Formats whose pixels sharp alone would not show as they are trained on. */
const OWN: ReadonlySet<PictureFormat> = new Set(["BMP", "TIFF"]);

/**
 * A small, upright copy of a picture, as a JPEG in a data URI.
 *
 * @returns Undefined where the picture cannot be decoded.
 */
export async function thumbnailOf(file: Uint8Array): Promise<string | undefined> {
  try {
    const upright = await openUpright(file);
    const jpeg = await upright
      .resize(SIZE, SIZE, { fit: "inside", withoutEnlargement: true })
      .flatten({ background: "white" })
      .jpeg({ quality: QUALITY })
      .toBuffer();
    return `data:image/jpeg;base64,${jpeg.toString("base64")}`;
  } catch {
    return undefined;
  }
}

async function openUpright(file: Uint8Array): Promise<Sharp> {
  const recognized = recognizePicture(file);
  // Throws for what is not decoded, such as SVG.
  if ("problem" in recognized || OWN.has(recognized.format)) {
    const { data, width, height } = orient(await decodePicture(file), readExifOrientation(file));
    return sharp(data, { raw: { width, height, channels: 3 } });
  }
  return sharp(file).rotate();
}
