import { stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import type { DataProblem } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type {
  DataOptions,
  DataReader,
  NamedInput,
  ReadInputsOptions,
} from "@engraft/tasks/predict";
import type { DataOptions as ReaderOptions } from "../data/index.js";

/** Data in files and folders; a place is a path. Readers are loaded when something is read. */
export const nodeData: DataReader = {
  async dataset(place, { purpose, formerPlace, skipBad, signal, onWarning, ...options }) {
    const { readDataset } = await import("../data/index.js");
    const columns = { ...readerOptions(options), formerFolder: formerPlace };
    return readDataset(await existing(place), { ...columns, purpose, skipBad, signal, onWarning });
  },
  inputs,
  image: (image, maxImagePixels) => ({
    kind: "image",
    read: async () => {
      const { readImage } = await import("../data/raw-input.js");
      return readImage(image, maxImagePixels);
    },
  }),
  locationOf(data, task) {
    const path = relative(resolve(task), resolve(data));
    // On another drive of Windows there is no relative path, and a folder around the task has no name.
    if (isAbsolute(path) || /(?:^|[\\/])\.{0,2}$/.test(path)) return undefined;
    return path.split(sep).join("/");
  },
  placeOf: (location, task) => resolve(task, location),
  folderOf,
  async guess(task) {
    const path = resolve(task);
    const named = path.replace(/\.engraft$/, "");
    return named === path ? undefined : folderOf(named);
  },
  images(places, signal) {
    const reading = import("../data/recorded-images.js").then(({ recordedImages }) =>
      recordedImages(places, signal),
    );
    return async (example) => (await reading)(example);
  },
  async thumbnail(image) {
    const { thumbnailOf } = await import("./thumbnail.js");
    return thumbnailOf(image);
  },
};

async function* inputs(
  place: string,
  options: ReadInputsOptions,
): AsyncGenerator<NamedInput | DataProblem> {
  yield* namedInputs([await existing(place)], options);
}

/**
 * Reads arguments of a command, or the lines of a stream, in order; or the problem of what cannot be
 * read.
 */
export async function* namedInputs(
  given: readonly string[] | AsyncIterable<Uint8Array>,
  { formerPlace, modality, signal, onWarning, ...options }: ReadInputsOptions,
): AsyncGenerator<NamedInput | DataProblem> {
  const { readInputs } = await import("../data/index.js");
  const problems: DataProblem[] = [];
  const read = readInputs(given, {
    ...readerOptions(options),
    formerFolder: formerPlace,
    modality,
    signal,
    onWarning,
    onSkip: (problem) => void problems.push(problem),
  });
  for await (const input of read) {
    yield* problems.splice(0);
    yield input;
  }
  yield* problems;
}

/** Options of the product as the readers take them. */
export function readerOptions({ columns, ...options }: DataOptions): ReaderOptions {
  return { ...columns, ...options };
}

/** The folder at a path, or the one of the file there; undefined where there is nothing. */
async function folderOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? path : dirname(path);
}

/** @throws UsageError when there is nothing at a path. */
async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) return path;
  throw new UsageError(`${path} does not exist. Give a data file or a folder with data.`);
}
