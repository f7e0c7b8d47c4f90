/** Files become a data set, in every home: {@link FileSource} and {@link FolderSource} stand for the disk. */
export type {
  DataSource,
  LabelledRow,
  RowInput,
  Rows,
  RowsBySplit,
  UrlLike,
} from "./data-source.js";
export type { CheckedImage, DataHome, Unpack } from "./home.js";
export type {
  ColumnOptions,
  DataFolder,
  DataOptions,
  LimitOptions,
  ReadOptions,
} from "./options.js";
export { type BlobLike, type BlobStream, fileOfBlob, isBlob } from "./source/blob.js";
export {
  type DirectoryHandleLike,
  type FileHandleLike,
  folderOfHandle,
  isDirectoryHandle,
} from "./source/directory-handle.js";
export { type Listing, listFolder } from "./source/listing.js";
export { fileOfBytes, folderOfFiles } from "./source/memory.js";
export {
  type BadEntry,
  type FileSource,
  type FolderSource,
  reasonOf,
  SourceError,
} from "./source/source.js";
