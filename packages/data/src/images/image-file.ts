import type { ImageInput } from "@engraft/core";
import { isRefusedFormat, recognizeImage, SIGNATURE_BYTES } from "@engraft/core/images";
import type { ReadContext } from "../context.js";
import { unreadable } from "../problems.js";
import { extensionOf } from "../source/names.js";
import { type FileSource, reasonOf, SourceError } from "../source/source.js";

/** Extensions of what is decoded, in lower case; the content decides how. */
const EXTENSIONS: ReadonlySet<string> = new Set([
  ".jpg",
  ".jpeg",
  ".jfif",
  ".png",
  ".webp",
  ".gif",
  ".avif",
  ".tif",
  ".tiff",
  ".bmp",
]);

/** The extensions of images, for messages. */
const IMAGE_EXTENSIONS = [...EXTENSIONS].join(", ");

/** Whether a file name has the extension of an image. */
export function isImage(name: string): boolean {
  return EXTENSIONS.has(extensionOf(name));
}

/**
 * Looks at the format of an image, and lets the home look at its size and header. What is doubtful is
 * noticed.
 *
 * @param where - What notices call it.
 * @returns What is wrong, to follow the image's name, or `undefined`.
 */
export async function imageProblem(
  file: FileSource,
  where: string,
  { maxImagePixels, home, notices }: ReadContext,
): Promise<string | undefined> {
  let start: Uint8Array;
  try {
    start = await file.slice(0, SIGNATURE_BYTES);
  } catch (error) {
    return reasonOf(error);
  }
  if (!isImage(file.name) && !isRefusedFormat(start)) {
    return `is not an image by its extension; expected ${IMAGE_EXTENSIONS}`;
  }
  return formatProblem(file, start, where, { maxImagePixels, home, notices });
}

/** The same, of an image without a name: bytes that are an image by what they are. */
export async function unnamedImageProblem(
  file: FileSource,
  where: string,
  context: ReadContext,
): Promise<string | undefined> {
  try {
    return await formatProblem(file, await file.slice(0, SIGNATURE_BYTES), where, context);
  } catch (error) {
    if (error instanceof SourceError) return reasonOf(error);
    throw error;
  }
}

async function formatProblem(
  file: FileSource,
  start: Uint8Array,
  where: string,
  { maxImagePixels, home, notices }: Omit<ReadContext, "maxTextBytes">,
): Promise<string | undefined> {
  if (start.length === 0) return "is an empty file";
  const recognized = recognizeImage(start);
  if ("problem" in recognized) return recognized.problem;
  const checked = await home.checkImage?.(file, start, maxImagePixels);
  if (checked === undefined) return undefined;
  if ("problem" in checked) return checked.problem;
  for (const doubt of checked.doubts) notices.add(where, doubt);
  return undefined;
}

/** An image that is read from its file each time it is needed. */
export function imageInput(file: FileSource, source: string): ImageInput {
  return {
    kind: "image",
    read: async () => {
      try {
        return await file.bytes();
      } catch (error) {
        throw unreadable(source, reasonOf(error), error);
      }
    },
  };
}
