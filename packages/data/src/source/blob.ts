import { baseName } from "./names.js";
import { type FileSource, SourceError } from "./source.js";

/** What is needed of a `Blob`, in browsers and in Node; a `File` has a name, too. */
export interface BlobLike {
  readonly size: number;
  readonly name?: string | undefined;
  /** The path below the folder that a user chose; empty for single files. */
  readonly webkitRelativePath?: string | undefined;
  /** All bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
  /** The bytes from `start` to before `end`. */
  slice(start?: number, end?: number): BlobLike;
  /** The bytes, a piece at a time. */
  stream(): BlobStream;
}

/** What is needed of a `ReadableStream` of bytes. */
export interface BlobStream {
  /** The one reader of the stream. */
  getReader(): {
    /** The next piece. */
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    /** Ends the reading. */
    cancel(): Promise<void>;
  };
}

/** Whether a value is a `Blob` or `File`, of whichever realm. */
export function isBlob(value: unknown): value is BlobLike {
  return (
    typeof value === "object" &&
    value !== null &&
    "arrayBuffer" in value &&
    "slice" in value &&
    "size" in value
  );
}

/**
 * A `File` or `Blob` as a source.
 *
 * @param name - What it is called, with the extension that tells its format. Default: its own name.
 * @throws SourceError where neither is given.
 */
export function fileOfBlob(blob: BlobLike, name: string | undefined = blob.name): FileSource {
  if (name === undefined) throw new SourceError("has no name; its extension tells its format");
  const read = async (part: BlobLike): Promise<Uint8Array> => {
    try {
      return new Uint8Array(await part.arrayBuffer());
    } catch (error) {
      throw blobError(error);
    }
  };
  return {
    kind: "file",
    name: baseName(name),
    path: name,
    size: () => Promise.resolve(blob.size),
    bytes: () => read(blob),
    slice: (start, end) => read(blob.slice(start, end)),
    stream: () => streamOf(blob),
  };
}

async function* streamOf(blob: BlobLike): AsyncGenerator<Uint8Array> {
  const reader = blob.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw blobError(error);
      });
      if (done) return;
      if (value !== undefined) yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Browsers refuse to read a file that was changed or removed since it was chosen. */
export function blobError(error: unknown): SourceError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const reason = REASONS.get(name) ?? `cannot be read (${message})`;
  return new SourceError(reason, { cause: error });
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["NotFoundError", "does not exist"],
  ["NotAllowedError", "may not be read (permission denied)"],
  ["NotReadableError", "cannot be read: it was changed or removed after it was chosen"],
]);
