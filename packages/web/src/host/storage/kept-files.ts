/** A file that is kept. */
export interface KeptFile {
  /** Its path, with `/` between names. */
  readonly path: string;
  readonly bytes: number;
}

/** Files that are kept between visits, where the browser can keep them. */
export interface KeptFiles {
  /** Where they are: `memory` lasts as long as the worker. */
  readonly where: "opfs" | "cache" | "memory";
  /** The content of a file; undefined where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /**
   * Writes a file. A tab that is closed in the middle leaves a part of it: readers check what they read.
   *
   * @throws StorageFull where the browser gives no more room.
   */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** All files below a folder, at any depth. */
  list(folder: string): Promise<readonly KeptFile[]>;
  /** Removes a file, or a folder with all that is in it. What is not there is no error. */
  remove(path: string): Promise<void>;
}

/** The browser gives no more room. The message says how much is used, to follow a colon. */
export class StorageFull extends Error {
  override readonly name = "StorageFull";
}

/** An error of writing, with the room that the browser gives where that is what lacks. */
export async function explainWrite(error: unknown): Promise<unknown> {
  const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
  if (!isFull) return error;
  const { usage = 0, quota = 0 } = await estimate();
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  return new StorageFull(
    `the browser gives this site ${megabytes(quota)}, of which ${megabytes(usage)} are used`,
    { cause: error },
  );
}

async function estimate(): Promise<StorageEstimate> {
  return (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
}
