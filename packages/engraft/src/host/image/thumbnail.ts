import {
  type ImageFormat,
  orient,
  readExifOrientation,
  recognizeImage,
} from "@engraft/core/images";
import sharp, { type Sharp } from "sharp";
import { decodeImage } from "./decode.js";

/** Pixels of the longer side: twice what pages show, for dense screens. */
const SIZE = 192;
const QUALITY = 70;

/** Formats whose pixels sharp alone would not show as they are trained on. */
const OWN: ReadonlySet<ImageFormat> = new Set(["BMP", "TIFF"]);

/**
 * A small, upright copy of an image, as a JPEG in a data URI.
 *
 * @returns Undefined where the image cannot be decoded.
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
  const recognized = recognizeImage(file);
  // Throws for what is not decoded, such as SVG.
  if ("problem" in recognized || OWN.has(recognized.format)) {
    const { data, width, height } = orient(await decodeImage(file), readExifOrientation(file));
    return sharp(data, { raw: { width, height, channels: 3 } });
  }
  return sharp(file).rotate();
}
