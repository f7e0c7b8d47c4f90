import type { DirectoryHandleLike } from "./source/directory-handle.js";
import type { FolderSource } from "./source/source.js";

/** Names of the columns of data files. Without, the usual names are looked for. */
export interface ColumnOptions {
  /** Column that holds the text. */
  readonly text?: string | undefined;
  /** Column that holds the path of an image, relative to `imageFolder`. */
  readonly image?: string | undefined;
  /** Column that holds the label. */
  readonly label?: string | undefined;
}

/** A folder: a path where the home can open paths, or an open one. */
export type DataFolder = string | FolderSource | DirectoryHandleLike;

/** The largest inputs that are accepted. */
export interface LimitOptions {
  /** Largest width x height of an image. Default 50,000,000. */
  readonly maxImagePixels?: number | undefined;
  /** Longest text, in bytes of UTF-8. Default 10,000,000. */
  readonly maxTextBytes?: number | undefined;
}

/** Where in data the examples are, and the largest that are accepted. */
export interface DataOptions extends LimitOptions {
  readonly columns?: ColumnOptions | undefined;
  /**
   * Folder to which the paths of images are relative; then names without extension are found, too.
   * Default: that of the data file.
   */
  readonly imageFolder?: DataFolder | undefined;
  /**
   * Folder in which an image is looked for that is not beside the data file, and `imageFolder` is not
   * given: where a task had its images. Default: none.
   */
  readonly formerFolder?: DataFolder | undefined;
  /**
   * Whether the first record of a CSV or TSV names its columns; without, they are called 1, 2 and so
   * on. Default true.
   */
  readonly header?: boolean | undefined;
}

/** How labelled data is read. */
export interface ReadOptions extends DataOptions {
  /**
   * What the data is for. To train, every label of the other splits must occur in `train`, with at
   * least two labels and two examples of each; to extend a task, there must be something in `train`;
   * to evaluate, one example is enough. Default `"train"`.
   */
  readonly purpose?: "train" | "extend" | "evaluate" | undefined;
  /** Leave out what cannot be used and list it in `Dataset.skipped`. Default: throw a DataError. */
  readonly skipBad?: boolean | undefined;
  /** Stops the reading. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Told what was understood in a way that may be wrong, or looks doubtful, without stopping the
   * reading: once for each kind, with the number of places. Default: ignored.
   */
  readonly onWarning?: ((message: string) => void) | undefined;
}
