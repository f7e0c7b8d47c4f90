import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { DataProblem, Input, Modality } from "@engraft/core";
import { checkText } from "./cells.js";
import { type ColumnOptions, findInputColumn, imageFoldersOf } from "./columns.js";
import { isDataFile } from "./data-file.js";
import { listFolder } from "./directory.js";
import { decodeText } from "./encoding.js";
import { isProblem, type Outcome, readMediaFile } from "./item.js";
import { type LimitOptions, type ReadContext, readContext } from "./limits.js";
import { invalid } from "./problems.js";
import type { DataFile } from "./row.js";
import { readTable } from "./table.js";
import { isTextFile } from "./text-files.js";
import { TextWindow } from "./text-window.js";

export interface InputOptions extends LimitOptions, Omit<ColumnOptions, "label"> {
  /** What the task works on. */
  readonly modality: Modality;
  /** Receives what cannot be used, and reading goes on. Default: throw a DataError. */
  readonly onSkip?: ((problem: DataProblem) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told at the end what was doubtful: once for each kind, with its number. Default: ignored. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** A text or image to predict. */
export interface NamedInput {
  /** Where it came from: `argument 1`, `stdin:12`, `mails.csv:12`, `new/1.jpg`. */
  readonly source: string;
  readonly input: Input;
}

/** What reading one argument or line needs to know. */
interface Context extends ReadContext {
  readonly options: InputOptions;
}

/**
 * Reads what is to be predicted, in constant memory and in the order given.
 *
 * From a list of command-line arguments, an argument is, in this order:
 * 1. a folder that exists: the images or `.txt` files directly in it;
 * 2. a data file that exists (CSV, TSV, JSON Lines, JSON, Parquet): its rows;
 * 3. another file that exists, or any argument of an image task: one image or `.txt` file;
 * 4. for a text task, the text itself; unless it looks like the name of a file that Engraft reads,
 *    which is then missing.
 *
 * From a stream of bytes (standard input), every line that is not blank is a text, or the path of an
 * image; it is never looked up as a data file.
 *
 * @throws DataError for the first row or file that cannot be used, unless `onSkip` is given.
 */
export async function* readInputs(
  given: readonly string[] | AsyncIterable<Uint8Array>,
  options: InputOptions,
): AsyncGenerator<NamedInput> {
  const context: Context = { ...readContext(options), options };
  const outcomes = isArguments(given) ? readArguments(given, context) : readLines(given, context);
  for await (const outcome of outcomes) {
    options.signal?.throwIfAborted();
    if (!isProblem(outcome)) {
      yield { source: outcome.source, input: outcome.input };
    } else if (options.onSkip === undefined) {
      throw invalid("The input", [outcome]);
    } else {
      options.onSkip(outcome);
    }
  }
  context.notices.tell(options.onWarning);
}

function isArguments(
  given: readonly string[] | AsyncIterable<Uint8Array>,
): given is readonly string[] {
  return Array.isArray(given);
}

async function* readArguments(given: readonly string[], context: Context): AsyncGenerator<Outcome> {
  for (const [i, argument] of given.entries()) {
    const file = { path: argument, name: argument };
    const status = await stat(argument).catch(() => undefined);
    if (status?.isDirectory()) {
      yield* readFolder(file, context);
    } else if (status !== undefined && isDataFile(argument)) {
      yield* readDataFile(file, context);
    } else if (status !== undefined || context.options.modality === "image") {
      yield await readMediaFile(file, context.options.modality, context);
    } else if (!/\s/.test(argument) && (isDataFile(argument) || isTextFile(argument))) {
      yield { where: argument, what: "does not exist" };
    } else {
      yield toText(argument, `argument ${i + 1}`, context);
    }
  }
}

async function* readFolder(folder: DataFile, context: Context): AsyncGenerator<Outcome> {
  const { files, problems } = await listFolder(folder.path, folder.name);
  yield* problems;
  for (const entry of files) {
    const path = join(folder.path, entry);
    yield await readMediaFile({ path, name: path }, context.options.modality, context);
  }
}

function readDataFile(file: DataFile, context: Context): AsyncGenerator<Outcome> {
  const { options } = context;
  return readTable(file, {
    folders: imageFoldersOf(file, options),
    choose: (names) => findInputColumn(names, options, options.modality, file.name),
    toLabel: () => ({ value: undefined }),
    header: options.header,
    context,
  });
}

async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  context: Context,
): AsyncGenerator<Outcome> {
  const window = new TextWindow(decodeText(bytes, "stdin"));
  try {
    for (let number = 1; ; number++) {
      const where = `stdin:${number}`;
      const line = await window.readLine(context.maxTextBytes);
      if (line === undefined) return;
      if (line === "too long") {
        yield { where, what: `is longer than ${context.maxTextBytes} characters` };
      } else if (line.text.trim() !== "") {
        yield context.options.modality === "text"
          ? toText(line.text, where, context)
          : await readMediaFile({ path: line.text, name: line.text }, "image", context);
      }
    }
  } finally {
    await window.close();
  }
}

function toText(value: string, source: string, { maxTextBytes }: Context): Outcome {
  const text = checkText(value, maxTextBytes);
  if ("problem" in text) return { where: source, what: text.problem };
  return { source, input: { kind: "text", text: text.value }, label: undefined };
}
