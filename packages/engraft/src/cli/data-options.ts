import { Option } from "@commander-js/extra-typings";
import type { DataOptions } from "../data/index.js";
import { positive } from "./numbers.js";

/*
 * Options of every command that reads data, beside --text, --image and --label.
 */

/** `--image-folder`: where the images are that a data file names. */
export function imageFolderOption(): Option<"--image-folder <folder>"> {
  return new Option(
    "--image-folder <folder>",
    "folder to which the paths of images are relative (default: that of the data file)",
  );
}

/** `--no-header`: the first record of a CSV is a row. */
export function noHeaderOption(): Option<"--no-header"> {
  return new Option(
    "--no-header",
    "the first line of a CSV is a row; columns are called 1, 2, ...",
  );
}

/** `--max-pixels`: the largest image that is read. */
export function maxPixelsOption(): Option<
  "--max-pixels <megapixels>",
  undefined,
  undefined,
  number
> {
  return new Option(
    "--max-pixels <megapixels>",
    "largest image that is read (default: 50)",
  ).argParser(positive);
}

/** What these options say, as the library takes it. */
export function dataOptions(options: {
  readonly text?: string | undefined;
  readonly image?: string | undefined;
  readonly label?: string | undefined;
  readonly imageFolder?: string | undefined;
  readonly header: boolean;
  readonly maxPixels?: number | undefined;
}): DataOptions {
  const { text, image, label, imageFolder, header, maxPixels } = options;
  const maxImagePixels = maxPixels === undefined ? undefined : maxPixels * 1e6;
  return { text, image, label, imageFolder, header, maxImagePixels };
}
