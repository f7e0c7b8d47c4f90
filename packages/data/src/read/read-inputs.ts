import type { DataProblem, Input, Modality } from "@engraft/core";
import { checkLabel, checkOptionalLabel } from "../cells/cells.js";
import { type ReadContext, readContext } from "../context.js";
import { isDataFile } from "../formats/data-file.js";
import type { DataHome } from "../home.js";
import { isImage } from "../images/image-file.js";
import { findColumns, findInputColumn } from "../layout/columns.js";
import type { DataOptions } from "../options.js";
import { invalid } from "../problems.js";
import { type Listing, listFolder } from "../source/listing.js";
import {
  type FileSource,
  type FolderSource,
  type NamedFile,
  type NamedFolder,
  reasonOf,
  SourceError,
} from "../source/source.js";
import { decodeText } from "../text/encoding.js";
import { isTextFile } from "../text/text-file.js";
import { TextWindow } from "../text/text-window.js";
import { imageFolders, type TableSettings } from "./collection.js";
import { isProblem, mostCommonModality, type Outcome, readMediaFile } from "./item.js";
import { nameOf, type Openable, openSource, tableSettings } from "./open-source.js";
import { checkTextInput, readTable, toOutcome } from "./table.js";

/** How inputs without labels are read. */
export interface InputOptions extends DataOptions {
  /**
   * What the inputs are. Default: what they look like. A data file says so by its columns, other files
   * by their extensions; a string that names no image is a text.
   */
  readonly modality?: Modality | undefined;
  /**
   * Read the labels of rows that have one, too: from the column of labels of a data file, if there is
   * one; in a folder, files in a folder of their own have its name as their label. Default false.
   */
  readonly labels?: boolean | undefined;
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
  /** Its label, where labels are asked for and it has one. */
  readonly label?: string | undefined;
}

/** What inputs are read from: texts, files and folders, or a stream of lines. */
export type InputSource = readonly (string | Openable)[] | AsyncIterable<Uint8Array>;

/** An input, with a label where labels are asked for and it has one; or why there is none. */
type Found = Outcome<string | undefined>;

/** What reading one argument or line needs to know. */
interface Context extends ReadContext {
  readonly modality: Modality | undefined;
  readonly labels: boolean;
  readonly settings: TableSettings;
}

/**
 * Reads what is to be predicted, in constant memory and in the order given.
 *
 * From a list, an item that is no string is an open file or folder. A string is, in this order:
 * 1. the path of a folder that exists: the images or `.txt` files directly in it;
 * 2. the path of a data file that exists (CSV, TSV, JSON Lines, JSON, Parquet): its rows;
 * 3. the path of another file that exists, or any string for an image task: one image or `.txt` file;
 * 4. for a text task, the text itself; unless it looks like the name of a file that Engraft reads,
 *    which is then missing.
 *
 * From a stream of bytes (standard input), every line that is not blank is a text, or the path of an
 * image; it is never looked up as a data file.
 *
 * @param home - Opens paths and looks at images. Default: strings are texts.
 * @throws DataError for the first row or file that cannot be used, unless `onSkip` is given.
 */
export async function* readInputs(
  given: InputSource,
  options: InputOptions,
  home: DataHome = {},
): AsyncGenerator<NamedInput> {
  const settings = await tableSettings(options, home);
  const { modality, labels = false } = options;
  const context = { ...readContext(options, home), modality, labels, settings };
  const outcomes = isList(given) ? readList(given, context) : readLines(given, context);
  for await (const outcome of outcomes) {
    options.signal?.throwIfAborted();
    if (!isProblem(outcome)) {
      const { source, input, label } = outcome;
      yield { source, input, ...(label !== undefined && { label }) };
    } else if (options.onSkip === undefined) {
      throw invalid("The input", [outcome]);
    } else {
      options.onSkip(outcome);
    }
  }
  context.notices.tell(options.onWarning);
}

function isList(given: InputSource): given is readonly (string | Openable)[] {
  return Array.isArray(given);
}

async function* readList(
  given: readonly (string | Openable)[],
  context: Context,
): AsyncGenerator<Found> {
  for (const [i, item] of given.entries()) {
    if (typeof item === "string") yield* readArgument(item, `argument ${i + 1}`, context);
    else yield* readSource(await openSource(item, context.home), nameOf(item), context);
  }
}

async function* readArgument(
  argument: string,
  source: string,
  context: Context,
): AsyncGenerator<Found> {
  const opened = await find(argument, context);
  if (opened !== undefined && "problem" in opened) {
    yield { where: argument, what: opened.problem };
  } else if (opened !== undefined) {
    yield* readSource(opened, argument, context);
  } else if (looksMissing(argument, context)) {
    yield { where: argument, what: "does not exist" };
  } else {
    yield toOutcome(source, checkTextInput(argument, context), { value: undefined });
  }
}

/** Whether a string is, or looks like, the name of a file that would be read. */
function looksMissing(argument: string, { modality }: Context): boolean {
  if (modality === "image") return true;
  const isName = isDataFile(argument) || isTextFile(argument) || looksLikeImage(argument, modality);
  return isName && !/\s/.test(argument);
}

/** Whether a string that may be a text or an image looks like the name of an image. */
function looksLikeImage(text: string, modality: Modality | undefined): boolean {
  return modality === undefined && isImage(text) && !/\s/.test(text);
}

/** What is at a path, or why that cannot be read; `undefined` where nothing is there. */
async function find(
  path: string,
  { home }: Context,
): Promise<FileSource | FolderSource | { readonly problem: string } | undefined> {
  try {
    return await home.open?.(path);
  } catch (error) {
    if (error instanceof SourceError) return { problem: reasonOf(error) };
    throw error;
  }
}

async function* readSource(
  source: FileSource | FolderSource,
  name: string,
  context: Context,
): AsyncGenerator<Found> {
  if (source.kind === "folder") yield* readFolder({ source, name }, context);
  else if (isDataFile(source.name)) yield* readDataFile({ source, name }, context);
  else {
    const { modality = mostCommonModality([source.name]) } = context;
    yield await readMediaFile({ source, name }, modality, context);
  }
}

async function* readFolder(folder: NamedFolder, context: Context): AsyncGenerator<Found> {
  const listing = await listFolder(folder);
  const { files, folders, folderOf } = listing;
  const labelled: Listing[] = [];
  if (context.labels) {
    for (const name of folders) {
      labelled.push(await listFolder({ source: folderOf.get(name)!, name }));
    }
  }
  const names = [...files, ...labelled.flatMap((inner) => inner.files)];
  const { modality = mostCommonModality(names) } = context;
  yield* readFiles(listing, undefined, modality, context);
  for (const [at, inner] of labelled.entries()) {
    const label = checkLabel(folders[at]);
    if ("problem" in label) yield { where: folders[at]!, what: label.problem };
    else yield* readFiles(inner, label.value, modality, context);
  }
}

async function* readFiles(
  { files, fileOf, problems }: Listing,
  label: string | undefined,
  modality: Modality,
  context: Context,
): AsyncGenerator<Found> {
  yield* problems;
  for (const entry of files) {
    const source = fileOf.get(entry)!;
    const read = await readMediaFile({ source, name: source.path }, modality, context);
    yield isProblem(read) ? read : { ...read, label };
  }
}

function readDataFile(file: NamedFile, context: Context): AsyncGenerator<Found> {
  const { settings, modality, labels } = context;
  const { columns } = settings;
  return readTable<string | undefined>(file, {
    folders: imageFolders(file.source.folder, settings),
    choose: (names) =>
      labels
        ? findColumns(names, columns, modality, file.name)
        : findInputColumn(names, columns, modality, file.name),
    toLabel: labels ? checkOptionalLabel : () => ({ value: undefined }),
    header: settings.header,
    context,
  });
}

async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  context: Context,
): AsyncGenerator<Found> {
  const window = new TextWindow(decodeText(bytes, "stdin"));
  try {
    for (let number = 1; ; number++) {
      const where = `stdin:${number}`;
      const line = await window.readLine(context.maxTextBytes);
      if (line === undefined) return;
      if (line === "too long") {
        yield { where, what: `is longer than ${context.maxTextBytes} characters` };
      } else if (line.text.trim() !== "") {
        yield await readLine(line.text, where, context);
      }
    }
  } finally {
    await window.close();
  }
}

async function readLine(line: string, where: string, context: Context): Promise<Found> {
  const { modality } = context;
  if (modality === "text" || (modality === undefined && !looksLikeImage(line, modality))) {
    return toOutcome(where, checkTextInput(line, context), { value: undefined });
  }
  const source = await find(line, context);
  if (source === undefined) return { where: line, what: "does not exist" };
  if ("problem" in source) return { where: line, what: source.problem };
  if (source.kind === "folder")
    return { where: line, what: "is a folder where a file was expected" };
  return readMediaFile({ source, name: line }, "image", context);
}
