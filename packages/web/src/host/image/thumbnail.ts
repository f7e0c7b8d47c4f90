import { toBase64 } from "../encodings.js";

/** Pixels of the longer side: twice what pages show, for dense screens. */
const SIZE = 192;
const QUALITY = 0.7;

/**
 * A small, upright copy of an image, as a JPEG in a data URI.
 *
 * @returns Undefined where the image cannot be decoded.
 */
export async function thumbnailOf(file: Uint8Array): Promise<string | undefined> {
  try {
    const bitmap = await createImageBitmap(new Blob([file as Uint8Array<ArrayBuffer>]));
    const scale = Math.min(1, SIZE / Math.max(bitmap.width, bitmap.height));
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d")!;
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, width, height);
    bitmap.close();
    const jpeg = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
    return `data:image/jpeg;base64,${toBase64(new Uint8Array(await jpeg.arrayBuffer()))}`;
  } catch {
    return undefined;
  }
}
