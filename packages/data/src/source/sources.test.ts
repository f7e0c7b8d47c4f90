import { File } from "node:buffer";
import { describe, expect, it } from "vitest";
import { fileOfBlob } from "./blob.js";
import {
  type DirectoryHandleLike,
  type FileHandleLike,
  folderOfHandle,
} from "./directory-handle.js";
import { listFolder } from "./listing.js";
import { fileOfBytes, folderOfFiles } from "./memory.js";
import { type FileSource, type FolderSource, reasonOf, SourceError } from "./source.js";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function streamed(file: FileSource): Promise<string> {
  let all = "";
  for await (const piece of file.stream()) all += text(piece);
  return all;
}

/** A handle as browsers give it. */
function directory(
  name: string,
  entries: Readonly<Record<string, string | DirectoryHandleLike>>,
): DirectoryHandleLike {
  const missing = () => Promise.reject(new DOMException("not here", "NotFoundError"));
  const fileHandle = (entry: string, content: string): FileHandleLike => ({
    kind: "file",
    name: entry,
    getFile: () => Promise.resolve(new File([content], entry)),
  });
  return {
    kind: "directory",
    name,
    async *values() {
      for (const [entry, content] of Object.entries(entries)) {
        yield typeof content === "string" ? fileHandle(entry, content) : content;
      }
    },
    getDirectoryHandle: (entry) => {
      const found = entries[entry];
      return typeof found === "object" ? Promise.resolve(found) : missing();
    },
    getFileHandle: (entry) => {
      const found = entries[entry];
      if (typeof found === "object") {
        return Promise.reject(new DOMException("a folder", "TypeMismatchError"));
      }
      return found === undefined ? missing() : Promise.resolve(fileHandle(entry, found));
    },
  };
}

const folders: readonly (readonly [string, FolderSource])[] = [
  [
    "a directory handle",
    folderOfHandle(
      directory("data", {
        "b.txt": "b",
        "\u{1f600}.txt": "smile",
        "\uffee.txt": "wide",
        ".hidden": "x",
        inner: directory("inner", { "a.txt": "a" }),
        "README.md": "x",
      }),
    ),
  ],
  [
    "files by their paths",
    folderOfFiles(
      "data",
      new Map(
        ["b.txt", "\u{1f600}.txt", "\uffee.txt", ".hidden", "inner/a.txt", "README.md"].map(
          (path) => [
            path,
            fileOfBytes(path, new TextEncoder().encode(path === "inner/a.txt" ? "a" : "b")),
          ],
        ),
      ),
    ),
  ],
];

describe.each(folders)("a folder of %s", (_, folder) => {
  it("is listed in the order of code points, without what is no data", async () => {
    const listing = await listFolder({ source: folder, name: "" });
    expect(listing.files).toEqual(["b.txt", "\uffee.txt", "\u{1f600}.txt"]);
    expect(listing.folders).toEqual(["inner"]);
    expect(listing.problems).toEqual([]);
    const below = await listFolder({ source: listing.folderOf.get("inner")!, name: "inner" });
    expect(below.files).toEqual(["a.txt"]);
    expect(below.fileOf.get("a.txt")?.path).toBe("inner/a.txt");
  });

  it("finds files by their relative paths, and none outside", async () => {
    const { folderOf } = await listFolder({ source: folder, name: "" });
    for (const path of ["inner/a.txt", "./inner//a.txt", "x/../inner/a.txt"]) {
      const found = await folder.find(path);
      expect([found?.path, found?.name]).toEqual(["inner/a.txt", "a.txt"]);
      expect(text(await found!.bytes())).toBe("a");
    }
    expect((await folderOf.get("inner")!.find("../b.txt"))?.path).toBe("b.txt");
    expect((await (await folder.find("inner/a.txt"))!.folder!.find("a.txt"))?.path).toBe(
      "inner/a.txt",
    );
    for (const path of ["", "..", "../b.txt", "gone.txt", "inner", "b.txt/x", "__proto__"]) {
      expect(await folder.find(path)).toBeUndefined();
    }
  });
});

describe("a File", () => {
  const file = fileOfBlob(new File(["text,label\n", "ü,a\n"], "mails.csv"));

  it("is read whole, in parts and in pieces", async () => {
    expect([file.name, file.path, await file.size()]).toEqual(["mails.csv", "mails.csv", 16]);
    expect(text(await file.bytes())).toBe("text,label\nü,a\n");
    expect(text(await file.slice(5, 10))).toBe("label");
    expect(text(await file.slice(12, 99))).toHaveLength(4);
    expect(await streamed(file)).toBe("text,label\nü,a\n");
  });

  it("ends its stream where nobody reads on", async () => {
    let cancelled = false;
    const source = fileOfBlob({
      size: 3,
      name: "a.csv",
      arrayBuffer: () => Promise.resolve(new ArrayBuffer(3)),
      slice() {
        return this;
      },
      stream: () => ({
        getReader: () => ({
          read: () => Promise.resolve({ done: false, value: Uint8Array.of(1) }),
          cancel: async () => {
            cancelled = true;
          },
        }),
      }),
    });
    for await (const _ of source.stream()) break;
    expect(cancelled).toBe(true);
  });

  it("without a name needs one", () => {
    expect(() => fileOfBlob(new Blob(["x"]))).toThrow(SourceError);
    expect(fileOfBlob(new Blob(["x"]), "a.txt").name).toBe("a.txt");
  });

  it("that was changed after it was chosen says so", async () => {
    const gone = fileOfBlob({
      size: 1,
      name: "a.csv",
      arrayBuffer: () => Promise.reject(new DOMException("?", "NotReadableError")),
      slice() {
        return this;
      },
      stream: () => new Blob(["x"]).stream(),
    });
    const error: unknown = await gone.bytes().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SourceError);
    expect(reasonOf(error)).toBe("cannot be read: it was changed or removed after it was chosen");
  });
});
