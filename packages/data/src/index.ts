/**
 * Files become a data set, in every home: {@link FileSource} and {@link FolderSource} stand for the disk.
 *
 * @module @engraft/data
 */
export type {
  DataProblem,
  Dataset,
  Example,
  ImageInput,
  Input,
  Modality,
  PreparedImage,
  SingleLabelExample,
  SplitName,
  Target,
  TextInput,
  UnlabelledExample,
} from "@engraft/core";
export * from "@engraft/core/errors";
export { DEFAULT_MAX_IMAGE_PIXELS } from "./context.js";
export type {
  DataSource,
  LabelledRow,
  RowInput,
  Rows,
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
export type { Openable } from "./read/open-source.js";
export { readDataset } from "./read/read-dataset.js";
export {
  type InputOptions,
  type InputSource,
  type NamedInput,
  readInputs,
} from "./read/read-inputs.js";
export { type RecordedImage, recordedImages } from "./read/recorded-images.js";
export {
  type Correction,
  correctedFile,
  correctedName,
  correctionsList,
} from "./relabel/corrections.js";
export { canRelabel, type RelabelOptions, relabelledFile } from "./relabel/relabelled-file.js";
export { type BlobLike, type BlobStream, fileOfBlob, isBlob } from "./source/blob.js";
export {
  type DirectoryHandleLike,
  type FileHandleLike,
  folderOfHandle,
  isDirectoryHandle,
} from "./source/directory-handle.js";
export { fileOfBytes, folderOfFiles } from "./source/memory.js";
export {
  type BadEntry,
  type FileSource,
  type FolderSource,
  reasonOf,
  SourceError,
} from "./source/source.js";
