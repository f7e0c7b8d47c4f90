import { DataError, type DataProblem } from "@engraft/core/errors";
import type { DataHome, FolderSource } from "@engraft/data";
import type { DataReader } from "@engraft/tasks/predict";
import { checkImage, headerProblem } from "../image/image-size.js";
import { thumbnailOf } from "../image/thumbnail.js";
import { fetchFile } from "../net/fetch-file.js";
import { sha256 } from "../sha256.js";
import { fileAt, folderAt } from "./address-source.js";
import type { GivenSources } from "./given-sources.js";

/** Data at web addresses, and in files that a program holds. Readers are loaded when something is read. */
export function webData(given: GivenSources, resolve: (place: string) => string): DataReader {
  const home: DataHome = {
    open: (place) => {
      const known = typeof place === "string" ? given.find(place) : undefined;
      const address = typeof place === "string" ? place : place.href;
      return Promise.resolve(known ?? fileAt(resolve(address)));
    },
    checkImage,
  };
  return {
    async dataset(source, options) {
      const { readDataset } = await import("@engraft/data");
      return readDataset(source, options, home);
    },
    async *inputs(place, options) {
      const { readInputs } = await import("@engraft/data");
      const problems: DataProblem[] = [];
      const onSkip = (problem: DataProblem): void => void problems.push(problem);
      for await (const input of readInputs([place], { ...options, onSkip }, home)) {
        yield* problems.splice(0);
        yield input;
      }
      yield* problems;
    },
    image: (image, maxImagePixels) => ({
      kind: "image",
      read: () => readImage(image, maxImagePixels, resolve),
    }),
    locationOf: (data) => (given.find(data) === undefined ? resolve(data) : undefined),
    placeOf: (location, task) => resolveBelow(location, task, resolve),
    async folderOf(place) {
      const source = given.find(place);
      if (source === undefined) return new URL(".", resolve(place)).href;
      return place;
    },
    guess: () => Promise.resolve(undefined),
    images(places, signal) {
      const folders = places.flatMap((place) => folderOf(place, given, resolve) ?? []);
      const reading = import("@engraft/data").then(({ recordedImages }) =>
        recordedImages(folders, sha256, signal),
      );
      return async (example) => (await reading)(example);
    },
    thumbnail: thumbnailOf,
  };
}

/** The folder at a place, or around the file there. */
function folderOf(
  place: string,
  given: GivenSources,
  resolve: (place: string) => string,
): FolderSource | undefined {
  const source = given.find(place);
  if (source === undefined) return folderAt(new URL(".", resolve(place)).href);
  return source.kind === "folder" ? source : source.folder;
}

/** A location that a task remembers is relative to the task; from a task without address it leads nowhere. */
function resolveBelow(location: string, task: string, resolve: (place: string) => string): string {
  try {
    return new URL(location, `${resolve(task)}/`).href;
  } catch {
    return location;
  }
}

async function readImage(
  image: string | Uint8Array,
  maxPixels: number | undefined,
  resolve: (place: string) => string,
): Promise<Uint8Array> {
  const { DEFAULT_MAX_IMAGE_PIXELS } = await import("@engraft/data");
  const file = typeof image === "string" ? await fetchImage(resolve(image)) : image;
  const problem = headerProblem(file, maxPixels ?? DEFAULT_MAX_IMAGE_PIXELS);
  if (problem === undefined) return file;
  throw new DataError("data/unreadable", `the image ${problem}`);
}

async function fetchImage(address: string): Promise<Uint8Array> {
  try {
    return await fetchFile(address);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError("data/unreadable", `the file cannot be read (${reason})`, { cause });
  }
}
