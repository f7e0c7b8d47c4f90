import { decodeModel } from "@engraft/onnx";
import type { BaseHost } from "../bases/open-bases.js";
import type { BaseId } from "../bases/registry.js";
import type { ModelFile } from "../host.js";
import { UnreadableFile } from "../storage-errors.js";

/*
 * Whatever a host reads when a base is opened can be read again without that host: a base that is known
 * by name has its files, and an ONNX file has those beside it that it names.
 */

/** Reads for whoever opens a base, and keeps what was read. */
export class BaseRecorder implements BaseHost {
  readonly #host: BaseHost;
  /** Where on the host a file is that was named in another one. */
  readonly #places = new Map<string, string>();
  /** What was read, by keys that {@link replayBase} understands. */
  readonly recorded: Map<string, Uint8Array> = new Map();

  constructor(host: BaseHost) {
    this.#host = host;
  }

  sha256(data: Uint8Array | string): Promise<string> {
    return this.#host.sha256(data);
  }

  async readBaseFile(base: BaseId, name: string): Promise<Uint8Array> {
    return this.#keep(ofBase(base, name), await this.#host.readBaseFile(base, name));
  }

  readonly files: BaseHost["files"] = {
    read: async (place) => {
      const bytes = await this.#host.files.read(this.#places.get(place) ?? place);
      return this.#keep(ofFile(place), bytes);
    },
    beside: (place, name) => {
      const known = besideOf(place, name);
      const real = this.#places.get(place) ?? place;
      this.#places.set(known, this.#host.files.beside(real, name));
      return known;
    },
    readModel: async (place, unreadable) => {
      const found = await this.#host.files.readModel(place, unreadable);
      this.#keep(ofFile(place), found.bytes);
      for (const [location, bytes] of found.dataFiles) this.#keep(ofData(place, location), bytes);
      return found;
    },
  };

  #keep(key: string, bytes: Uint8Array): Uint8Array {
    this.recorded.set(key, bytes);
    return bytes;
  }
}

/** What opens a base out of what was read before. */
export function replayBase(
  recorded: ReadonlyMap<string, Uint8Array>,
): Pick<BaseHost, "readBaseFile" | "files"> {
  const read = (key: string): Uint8Array => {
    const bytes = recorded.get(key);
    if (bytes === undefined) throw new UnreadableFile("it is missing");
    return bytes;
  };
  return {
    readBaseFile: async (base, name) => read(ofBase(base, name)),
    files: {
      read: async (place) => read(ofFile(place)),
      beside: besideOf,
      async readModel(place): Promise<ModelFile> {
        const bytes = read(ofFile(place));
        const dataFiles = new Map<string, Uint8Array>();
        const externalData = (location: string): Uint8Array => {
          const content = read(ofData(place, location));
          dataFiles.set(location, content);
          return content;
        };
        return { bytes, model: decodeModel(bytes, { externalData }), dataFiles };
      },
    },
  };
}

function ofBase(base: BaseId, name: string): string {
  return `base ${base}/${name}`;
}

function ofFile(place: string): string {
  return `file ${place}`;
}

function ofData(place: string, location: string): string {
  return `data ${JSON.stringify([place, location])}`;
}

function besideOf(place: string, name: string): string {
  return JSON.stringify([place, name]);
}
