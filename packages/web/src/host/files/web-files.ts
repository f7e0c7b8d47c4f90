import { UsageError } from "@engraft/core/errors";
import { decodeModel } from "@engraft/onnx";
import { UnreadableFile } from "@engraft/tasks/errors";
import type { HostFiles, ModelFile, WritableFile, WritableFolder } from "@engraft/tasks/predict";
import { fetchFile } from "../net/fetch-file.js";
import { isName } from "../storage/is-name.js";
import type { KeptFiles } from "../storage/kept-files.js";
import { prepareNamed, readNamed } from "./named-files.js";

/** Files that are kept under names, files at web addresses, and places that collect what is written. */
export interface WebFiles extends HostFiles {
  /** A place that collects what is written to it: a file, or the files of a folder. */
  collect(): string;
  /** What was written to such a place, which is forgotten. A file alone has no name. */
  take(place: string): ReadonlyMap<string, Uint8Array>;
}

/** @param resolve - The whole address of a place. */
export function webFiles(
  kept: () => Promise<KeptFiles>,
  resolve: (place: string) => string,
): WebFiles {
  const collected = new Map<string, ReadonlyMap<string, Uint8Array>>();
  let next = 1;
  const read = async (place: string): Promise<Uint8Array> => {
    const found = isName(place) ? await readNamed(place, await kept()) : undefined;
    return found ?? fetchFile(resolve(place));
  };
  return {
    read,
    beside: (place, name) => new URL(name, resolve(place)).href,
    readModel: (place, unreadable) => readModel(() => read(place), resolve(place), unreadable),
    async prepareFile(place, what, isOurs): Promise<WritableFile> {
      if (collected.has(place)) {
        return {
          read: async () => collected.get(place)?.get(""),
          write: async (bytes) => void collected.set(place, new Map([["", bytes]])),
        };
      }
      if (!isName(place)) throw nowhere(place, what);
      return prepareNamed(place, what, isOurs, await kept());
    },
    prepareFolder(place, what): Promise<WritableFolder> {
      if (!collected.has(place)) return Promise.reject(nowhere(place, what));
      return Promise.resolve({ write: async (files) => void collected.set(place, files) });
    },
    collect() {
      const place = `folder ${next++}`;
      collected.set(place, new Map());
      return place;
    },
    take(place) {
      const files = collected.get(place) ?? new Map();
      collected.delete(place);
      return files;
    },
  };
}

function nowhere(place: string, what: string): UsageError {
  return new UsageError(
    `${what} cannot be written to ${place}: a page has no files. Take it as bytes or text instead, or ` +
      "give a name without slash and colon to keep it under in this browser.",
  );
}

/** How often a model names another file before its own is refused. */
const MOST_DATA_FILES = 64;

async function readModel(
  read: () => Promise<Uint8Array>,
  address: string,
  unreadable: (reason: UnreadableFile) => Error,
): Promise<ModelFile> {
  const bytes = await read().catch((reason: UnreadableFile) => {
    throw unreadable(reason);
  });
  const dataFiles = new Map<string, Uint8Array>();
  for (let attempt = 0; ; attempt++) {
    let missing: string | undefined;
    try {
      // Decoding asks for a file in the middle of its work, which cannot wait: it begins anew with it.
      const externalData = (location: string): Uint8Array => {
        const found = dataFiles.get(location);
        if (found !== undefined) return found;
        missing = location;
        throw new UnreadableFile("it is not there yet");
      };
      return { bytes, model: decodeModel(bytes, { externalData }), dataFiles };
    } catch (error) {
      if (missing === undefined || attempt === MOST_DATA_FILES) throw error;
      dataFiles.set(missing, await fetchData(address, missing));
    }
  }
}

async function fetchData(address: string, location: string): Promise<Uint8Array> {
  const folder = new URL(".", address).href;
  const found = new URL(location, folder).href;
  try {
    if (!found.startsWith(folder)) throw new UnreadableFile("it lies elsewhere");
    return await fetchFile(found);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `${address} keeps weights in the file "${location}" beside it, which cannot be read: ${reason}. ` +
        "Serve it together with the model.",
      { cause },
    );
  }
}
