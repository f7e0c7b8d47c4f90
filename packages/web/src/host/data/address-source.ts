import { type FileSource, type FolderSource, fileOfBytes, SourceError } from "@engraft/data";
import { nameOfAddress } from "../net/address-name.js";
import { fetchFile } from "../net/fetch-file.js";

/** A file at a web address, fetched once when it is first read. */
export function fileAt(address: string): FileSource {
  let fetched: Promise<FileSource> | undefined;
  const name = nameOfAddress(address);
  const open = (): Promise<FileSource> => {
    fetched ??= fetchFile(address).then(
      (bytes) => fileOfBytes(name, bytes),
      (cause: Error) => {
        throw new SourceError(`cannot be read: ${cause.message}`, { cause });
      },
    );
    return fetched;
  };
  return {
    kind: "file",
    name,
    path: address,
    folder: folderAt(new URL(".", address).href),
    size: async () => (await open()).size(),
    bytes: async () => (await open()).bytes(),
    slice: async (start, end) => (await open()).slice(start, end),
    async *stream() {
      yield* (await open()).stream();
    },
  };
}

/** The entries of a web address: whoever asks for them is told that there are none to be had. */
const UNLISTED: AsyncIterable<never> = {
  [Symbol.asyncIterator]: () => ({
    next: () => Promise.reject(new SourceError("is a web address, which cannot be listed")),
  }),
};

/** What lies below a web address, which ends with a slash. It cannot be listed. */
export function folderAt(address: string): FolderSource {
  return {
    kind: "folder",
    name: address,
    path: address,
    entries: () => UNLISTED,
    async find(path) {
      const found = new URL(path.split("/").map(encodeURIComponent).join("/"), address).href;
      const file = fileAt(found);
      try {
        await file.size();
        return file;
      } catch {
        return undefined;
      }
    },
  };
}
