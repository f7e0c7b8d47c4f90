import { stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import type { DataProblem } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import type { InputSource } from "@engraft/data";
import type { DataReader, NamedInput, ReadInputsOptions } from "@engraft/tasks/predict";

/** Data in files and folders; a place is a path. Readers are loaded when something is read. */
export const nodeData: DataReader = {
  async dataset(source, options) {
    const { readDataset } = await import("./data-home.js");
    return readDataset(source, options);
  },
  inputs,
  image: (image, maxImagePixels) => ({
    kind: "image",
    read: async () => {
      const { readImage } = await import("../image/read-image.js");
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
    const named = path.replace(/\.engraft(?:\.zip)?$/, "");
    return named === path ? undefined : folderOf(named);
  },
  images(places, signal) {
    const reading = findRecorded(places, signal);
    return async (example) => (await reading)(example);
  },
  async thumbnail(image) {
    const { thumbnailOf } = await import("../image/thumbnail.js");
    return thumbnailOf(image);
  },
};

async function findRecorded(
  places: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReturnType<DataReader["images"]>> {
  const [{ recordedImages }, { DiskFolder }, { sha256 }] = await Promise.all([
    import("@engraft/data"),
    import("../files/disk.js"),
    import("../sha256.js"),
  ]);
  return recordedImages(
    places.map((place) => new DiskFolder(place)),
    sha256,
    signal,
  );
}

async function* inputs(
  place: string,
  options: ReadInputsOptions,
): AsyncGenerator<NamedInput | DataProblem> {
  await requireExisting(place);
  yield* namedInputs([place], options);
}

/**
 * Reads arguments of a command, or the lines of a stream, in order; or the problem of what cannot be
 * read.
 */
export async function* namedInputs(
  given: InputSource,
  options: ReadInputsOptions,
): AsyncGenerator<NamedInput | DataProblem> {
  const { readInputs } = await import("./data-home.js");
  const problems: DataProblem[] = [];
  const onSkip = (problem: DataProblem): void => void problems.push(problem);
  for await (const input of readInputs(given, { ...options, onSkip })) {
    yield* problems.splice(0);
    yield input;
  }
  yield* problems;
}

/** The folder at a path, or the one of the file there; undefined where there is nothing. */
async function folderOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? path : dirname(path);
}

/** @throws UsageError when there is nothing at a path. */
async function requireExisting(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) return;
  throw new UsageError(`${path} does not exist. Give a data file or a folder with data.`);
}
