import { Option } from "@commander-js/extra-typings";
import type { ReadingOptions } from "@engraft/tasks/predict";
import { positive } from "./numbers.js";

/*
 * Options of every command that reads data.
 */

/** `--text`: the column with the texts. */
export function textOption(): Option<"--text <column>"> {
  return new Option("--text <column>", "column with the texts, for data files");
}

/** `--image`: the column with the paths of images. */
export function imageOption(): Option<"--image <column>"> {
  return new Option("--image <column>", "column with the paths of images, for data files");
}

/** `--label`: the column with the labels. */
export function labelOption(): Option<"--label <column>"> {
  return new Option("--label <column>", "column with the labels");
}

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
  readonly skipBad?: boolean | undefined;
}): ReadingOptions {
  const { text, image, label, imageFolder, header, maxPixels, skipBad } = options;
  const maxImagePixels = maxPixels === undefined ? undefined : maxPixels * 1e6;
  return { columns: { text, image, label }, imageFolder, header, maxImagePixels, skipBad };
}
