import type { SplitName } from "@engraft/core";
import { DataError } from "@engraft/core/errors";
import { isDataFile } from "../formats/data-file.js";
import { isImage } from "../images/image-file.js";
import { type Listing, listFolder } from "../source/listing.js";
import { extensionOf, joinName, stemOf } from "../source/names.js";
import type { FileSource, FolderSource, NamedFile, NamedFolder } from "../source/source.js";
import { isTextFile } from "../text/text-file.js";

/** A folder that is listed; its name is empty for the one that the user gave. */
export interface ListedFolder extends NamedFolder {
  readonly listing: Listing;
}

/** Examples that are stored together in one of the ways that Engraft understands. */
export type Collection =
  /** One data file; the paths of images in it are relative to its folder. */
  | {
      readonly kind: "table";
      readonly file: NamedFile;
      /** The folder beside it whose images it lists. */
      readonly images?: NamedFolder;
    }
  /** A data file that lists the images of a folder. */
  | { readonly kind: "metadata"; readonly file: NamedFile; readonly folder: NamedFolder }
  /** A folder for each label. */
  | { readonly kind: "classes"; readonly folder: ListedFolder; readonly classes: ListedFolder[] }
  /** Images whose names begin with their label: `cat.0.jpg`. */
  | { readonly kind: "named"; readonly folder: ListedFolder }
  /** Files of a split that have no labels. */
  | { readonly kind: "unlabelled"; readonly folder: ListedFolder };

/** The collections of each split, in the order train, val, test. */
export type Layout = readonly (readonly [split: SplitName, collections: readonly Collection[]])[];

const SPLITS: readonly (readonly [SplitName, readonly string[]])[] = [
  ["train", ["train", "training"]],
  ["val", ["val", "valid", "validation", "dev"]],
  ["test", ["test", "testing"]],
];

const LAYOUTS = `Engraft understands:
  <label>/*.jpg or <label>/*.txt     a folder for each label
  <label>.<number>.jpg               images that are named for their label
  train/ val/ test/                  each in one of these ways, or with metadata.csv or one data file
  train.csv val.csv test.csv         (also .tsv, .jsonl, .parquet), with images in train/ ...
  metadata.csv (.jsonl, .parquet)    with the columns file_name and label, beside the images
  one data file                      with a text or image column and a label column`;

/** Finds out how data is laid out. Throws a DataError that says what is understood. */
export async function discoverLayout(source: FileSource | FolderSource): Promise<Layout> {
  if (source.kind === "file") {
    return [["train", [{ kind: "table", file: { source, name: source.name } }]]];
  }
  const folder = { source, name: "", listing: await listFolder({ source, name: "" }) };
  return (await findSplits(folder)) ?? [["train", [await findCollection(folder)]]];
}

/** The split that a folder or data file is named for, if any. */
function splitOf(name: string): SplitName | undefined {
  const plain = name.toLowerCase().replace(SHARD, "");
  return SPLITS.find(([, names]) => names.includes(plain))?.[0];
}

/** How Hugging Face names the parts of one data file: `train-00000-of-00002.parquet`. */
const SHARD = /-\d{5}-of-\d{5}$/;

async function findSplits(folder: ListedFolder): Promise<Layout | undefined> {
  const { files, folders } = folder.listing;
  const splitFiles = files.filter((name) => isDataFile(name) && splitOf(stemOf(name)));
  const splitFolders = folders.filter(splitOf);
  if (files.some(isMetadata) || !hasSplits(folder, splitFiles, splitFolders)) return undefined;
  const layout: [SplitName, Collection[]][] = [];
  for (const [split] of SPLITS) {
    const ownFiles = splitFiles.filter((name) => splitOf(stemOf(name)) === split);
    const ownFolders = splitFolders.filter((name) => splitOf(name) === split);
    const collections = await findSplit(folder, split, ownFiles, ownFolders);
    if (collections.length > 0) layout.push([split, collections]);
  }
  return layout;
}

function hasSplits(folder: ListedFolder, files: string[], folders: string[]): boolean {
  if (files.length > 0) return true;
  const others = folder.listing.folders.filter((name) => !folders.includes(name));
  if (others.length === 0) return folders.length > 0;
  // Labels may be called "valid" and "invalid"; a folder "train" leaves no doubt.
  if (!folders.some((name) => splitOf(name) === "train")) return false;
  const mixed = [...folders, ...others].map((name) => `${name}/`).join(", ");
  throw misfit(folder, `has both splits and other folders: ${mixed}`);
}

async function findSplit(
  folder: ListedFolder,
  split: SplitName,
  files: string[],
  folders: string[],
): Promise<Collection[]> {
  const [onlyFile] = files;
  const [onlyFolder] = folders;
  if (files.length === 1 && folders.length === 1) {
    const images = await open(folder, onlyFolder!);
    if (isFlat(images, isImage)) return [{ ...table(folder, onlyFile!), images }];
  }
  const areShards = folders.length === 0 && files.every((name) => SHARD.test(stemOf(name)));
  if (files.length + folders.length > 1 && !areShards) {
    const sources = [...files, ...folders.map((name) => `${name}/`)].join(", ");
    throw misfit(folder, `has several sources for the split ${split}: ${sources}`);
  }
  const collections: Collection[] = files.map((name) => table(folder, name));
  for (const name of folders)
    collections.push(await findSplitFolder(split, await open(folder, name)));
  return collections;
}

/** The test data of a competition has no labels. */
async function findSplitFolder(split: SplitName, folder: ListedFolder): Promise<Collection> {
  const { files } = folder.listing;
  const isUnlabelled = split !== "train" && isFlat(folder, isMedia) && !files.some(isDataFile);
  return isUnlabelled && !areNamedForLabels(files)
    ? { kind: "unlabelled", folder }
    : findCollection(folder);
}

/** Whether files of a kind stand in a folder itself, and there are no folders in it. */
function isFlat({ listing }: ListedFolder, isKind: (name: string) => boolean): boolean {
  return listing.folders.length === 0 && listing.files.some(isKind);
}

/** `cat.0.jpg`: the label, a number and the extension. */
const NAMED = /^(.*[^.\s].*)\.\d+\.[^.]+$/;

/** The label that begins the name of an image, if one does. */
export function labelInName(name: string): string | undefined {
  return NAMED.exec(name)?.[1];
}

/** Whether all images are named for their labels, and a label has more than one on average. */
function areNamedForLabels(files: readonly string[]): boolean {
  const images = files.filter(isImage);
  const labels = new Set(images.map(labelInName));
  return labels.size >= 2 && !labels.has(undefined) && images.length >= 2 * labels.size;
}

async function findCollection(folder: ListedFolder): Promise<Collection> {
  const { files, folders } = folder.listing;
  const metadata = files.filter(isMetadata);
  if (metadata.length > 1) throw severalFiles(folder, "metadata files", metadata);
  if (metadata.length === 1) {
    return { kind: "metadata", file: table(folder, metadata[0]!).file, folder };
  }
  // A stray .json is usually a list of class names or settings.
  const tables = files.filter((name) => isDataFile(name) && extensionOf(name) !== ".json");
  const classes: ListedFolder[] = [];
  for (const name of folders) classes.push(await open(folder, name));
  const isClasses = classes.some(({ listing }) => listing.files.some(isMedia));
  if (isClasses && tables.length > 0) {
    throw misfit(
      folder,
      `has both label folders and a data file (${tables.join(", ")}); ` +
        "give the data file itself, or name it metadata.csv",
    );
  }
  if (isClasses) return { kind: "classes", folder, classes };
  if (tables.length === 1) return table(folder, tables[0]!);
  if (tables.length > 1) throw severalFiles(folder, "data files", tables);
  if (isFlat(folder, isImage) && areNamedForLabels(files)) return { kind: "named", folder };
  throw misfit(folder, describe(folder.listing, classes));
}

async function open(parent: ListedFolder, name: string): Promise<ListedFolder> {
  const source = parent.listing.folderOf.get(name)!;
  const inner = { source, name: joinName(parent.name, name) };
  return { ...inner, listing: await listFolder(inner) };
}

function table(folder: ListedFolder, name: string): Extract<Collection, { kind: "table" }> {
  const source = folder.listing.fileOf.get(name)!;
  return { kind: "table", file: { source, name: joinName(folder.name, name) } };
}

function isMetadata(name: string): boolean {
  return stemOf(name).toLowerCase() === "metadata" && isDataFile(name);
}

function isMedia(name: string): boolean {
  return isImage(name) || isTextFile(name);
}

function describe({ files, folders }: Listing, inner: readonly ListedFolder[]): string {
  if (files.length + folders.length === 0) return "is empty";
  const found = [...folders.map((name) => `${name}/`), ...files];
  const shown = found.slice(0, 8).join(", ") + (found.length > 8 ? ", ..." : "");
  const depth = folders.length > 0 ? `; ${describeInner(inner)}` : "";
  return `holds no labelled data (found ${shown}${depth})`;
}

/** What stands in folders that hold neither images nor texts. */
function describeInner(folders: readonly ListedFolder[]): string {
  const names = folders.flatMap(({ listing }) => listing.files);
  const seen = [...new Set(names.map((name) => extensionOf(name) || "no extension"))];
  const others = seen.length > 0 ? `, but ${seen.slice(0, 8).join(", ")}` : "";
  return `no folder in it holds images or .txt files directly${others}`;
}

function severalFiles(folder: ListedFolder, kind: string, names: readonly string[]): DataError {
  return misfit(folder, `has several ${kind}: ${names.join(", ")}`);
}

function misfit(folder: ListedFolder, what: string): DataError {
  const where = folder.name || folder.source.path;
  const { files, folders } = folder.listing;
  const code = files.length + folders.length === 0 ? "data/empty" : "data/invalid";
  return new DataError(code, `${where} ${what}.\n${LAYOUTS}`, { problems: [{ where, what }] });
}
