import { type Command, Option, type OptionValues } from "@commander-js/extra-typings";
import type { ReadingOptions } from "@engraft/tasks/predict";
import { positive } from "./numbers.js";

/** What the options of a command that reads inputs say. */
interface InputFlags {
  readonly text?: string | undefined;
  readonly image?: string | undefined;
  readonly imageFolder?: string | undefined;
  readonly header: boolean;
  readonly maxPixels?: number | undefined;
}

/** What the options of a command that reads labelled data say. */
interface DataFlags extends InputFlags {
  readonly label?: string | undefined;
}

/** Gives a command the options of those that read inputs. */
export function withInputOptions<
  Args extends unknown[],
  Options extends OptionValues,
  Global extends OptionValues,
>(command: Command<Args, Options, Global>): Command<Args, Options & InputFlags, Global> {
  for (const option of inputOptions()) command.addOption(option);
  return command as Command<Args, Options & InputFlags, Global>;
}

/** Gives a command the options of those that read labelled data. */
export function withDataOptions<
  Args extends unknown[],
  Options extends OptionValues,
  Global extends OptionValues,
>(command: Command<Args, Options, Global>): Command<Args, Options & DataFlags, Global> {
  command.option("--label <column>", "column with the labels");
  return withInputOptions(command);
}

function inputOptions(): Option[] {
  return [
    new Option("--text <column>", "column with the texts, for data files"),
    new Option("--image <column>", "column with the paths of images, for data files"),
    new Option(
      "--image-folder <folder>",
      "folder to which the paths of images are relative (default: that of the data file)",
    ),
    new Option("--no-header", "the first line of a CSV is a row; columns are called 1, 2, ..."),
    new Option("--max-pixels <megapixels>", "largest image that is read (default: 50)").argParser(
      positive,
    ),
  ];
}

/** What these options say, as the library takes it. */
export function dataOptions(
  options: DataFlags & { readonly skipBad?: boolean | undefined },
): ReadingOptions {
  const { text, image, label, imageFolder, header, maxPixels, skipBad } = options;
  const maxImagePixels = maxPixels === undefined ? undefined : maxPixels * 1e6;
  return { columns: { text, image, label }, imageFolder, header, maxImagePixels, skipBad };
}
