import type { UrlLike } from "./data-source.js";
import type { FileSource, FolderSource } from "./source/source.js";

/** What was found by looking at an image: why it cannot be used, or what is doubtful about it. */
export type CheckedImage = { readonly problem: string } | { readonly doubts: readonly string[] };

/** What reading data asks of the home that it runs in. Without any of it, only open sources are read. */
export interface DataHome {
  /**
   * Opens what is at a path or address; `undefined` where nothing is there.
   *
   * @throws SourceError where that cannot be told, or it is neither a file nor a folder.
   */
  open?(path: string | UrlLike): Promise<FileSource | FolderSource | undefined>;
  /**
   * Looks at the size and header of an image of a format that is decoded, without decoding it where
   * that can be avoided. Problems follow the image's name, and doubts a colon. Default: nothing but the
   * format is looked at.
   *
   * @param start - The first bytes of the file.
   */
  checkImage?(file: FileSource, start: Uint8Array, maxPixels: number): Promise<CheckedImage>;
  /** Faster ways to unpack the pages of Parquet files than those that run everywhere, by codec. */
  readonly unpackers?: ReadonlyMap<string, Unpack> | undefined;
}

/**
 * Unpacks bytes to at most the length that is given: it stands in the file, and is looked at before.
 *
 * @throws Where they are damaged, or longer.
 */
export type Unpack = (packed: Uint8Array, length: number) => Uint8Array | Promise<Uint8Array>;
