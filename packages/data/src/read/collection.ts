import type { DataProblem } from "@engraft/core";
import { mapInOrder } from "@engraft/core/predict";
import { checkLabel } from "../cells/cells.js";
import type { ReadContext } from "../context.js";
import { isImage } from "../images/image-file.js";
import { findLabelledColumns, type WantedColumns } from "../layout/columns.js";
import { type Collection, type ListedFolder, labelInName } from "../layout/layout.js";
import { MissingPart } from "../problems.js";
import { type Listing, listFolder } from "../source/listing.js";
import { joinName } from "../source/names.js";
import type { FolderSource, NamedFolder } from "../source/source.js";
import {
  FILES_AT_ONCE,
  isProblem,
  mostCommonModality,
  type Outcome,
  readMediaFile,
} from "./item.js";
import { readTable } from "./table.js";

/** Where the columns and images of data files are, as options say it. */
export interface TableSettings {
  readonly columns: WantedColumns;
  readonly header: boolean | undefined;
  /** The folder to which the paths of images are relative. Default: that of the data file. */
  readonly imageFolder: FolderSource | undefined;
  /** Where an image is looked for that is not beside its data file. */
  readonly formerFolder: FolderSource | undefined;
}

/** The folders to which the paths of images in a data file may be relative, the likeliest first. */
export function imageFolders(
  own: FolderSource | undefined,
  { imageFolder, formerFolder }: TableSettings,
): readonly FolderSource[] {
  if (imageFolder !== undefined) return [imageFolder];
  return [own, formerFolder].filter((folder) => folder !== undefined);
}

/** Reads the labelled items of a collection, in the order of its rows or of its sorted paths. */
export function readCollection(
  collection: Collection,
  settings: TableSettings,
  context: ReadContext,
): AsyncGenerator<Outcome<string>> {
  switch (collection.kind) {
    case "table":
      return readLabelledTable(collection, settings, context);
    case "metadata":
      return readMetadata(collection, settings, context);
    case "classes":
      return readClasses(collection, context);
    case "named":
      return readNamed(collection, context);
    case "unlabelled":
      throw unlabelled(collection.folder);
  }
}

function readLabelledTable(
  { file, images }: Extract<Collection, { kind: "table" }>,
  settings: TableSettings,
  context: ReadContext,
): AsyncGenerator<Outcome<string>> {
  if (images !== undefined) {
    context.notices.add(file.name, `is read as the labels of the images in ${images.name}/`);
  }
  const imageFolder = settings.imageFolder ?? images?.source;
  const wanted = { ...settings.columns, hasImageFolder: imageFolder !== undefined };
  return readTable(file, {
    folders: imageFolders(file.source.folder, { ...settings, imageFolder }),
    choose: (names) => findLabelledColumns(names, wanted, file.name),
    toLabel: checkLabel,
    header: settings.header,
    context,
  });
}

async function* readMetadata(
  { file, folder }: Extract<Collection, { kind: "metadata" }>,
  { columns, header }: TableSettings,
  context: ReadContext,
): AsyncGenerator<Outcome<string>> {
  const named = { ...columns, image: columns.image ?? "file_name" };
  const listed = new Set<string>();
  yield* readTable(file, {
    folders: [folder.source],
    header,
    choose: (names) => findLabelledColumns(names, named, file.name),
    toLabel: checkLabel,
    context,
    onImage: ({ path }) => listed.add(path),
  });
  if (listed.size > 0) yield* unlistedImages(folder, listed, file.name);
}

/** Images beside a metadata file that it does not name. Linked folders are not followed. */
async function* unlistedImages(
  folder: NamedFolder,
  listed: ReadonlySet<string>,
  metadata: string,
): AsyncGenerator<DataProblem> {
  const { files, folders, fileOf, folderOf } = await listFolder(folder);
  for (const name of files.filter(isImage)) {
    if (listed.has(fileOf.get(name)!.path)) continue;
    yield { where: joinName(folder.name, name), what: `is not listed in ${metadata}` };
  }
  for (const name of folders) {
    const source = folderOf.get(name)!;
    if (source.isLink) continue;
    yield* unlistedImages({ source, name: joinName(folder.name, name) }, listed, metadata);
  }
}

async function* readClasses(
  { folder, classes }: Extract<Collection, { kind: "classes" }>,
  context: ReadContext,
): AsyncGenerator<Outcome<string>> {
  yield* folder.listing.problems;
  for (const name of folder.listing.files.filter(isImage)) {
    yield { where: joinName(folder.name, name), what: "is an image outside the label folders" };
  }
  const modality = mostCommonModality(classes.flatMap(({ listing }) => listing.files));
  for (const { source, name, listing } of classes) {
    yield* listing.problems;
    if (isEmpty(listing)) yield { where: name, what: "is a label folder without files" };
    for (const nested of listing.folders) yield { where: joinName(name, nested), what: NESTED };
    const label = checkLabel(source.name);
    const files = listing.files.map((entry) => ({
      source: listing.fileOf.get(entry)!,
      name: joinName(name, entry),
    }));
    yield* mapInOrder(files, FILES_AT_ONCE, async (file): Promise<Outcome<string>> => {
      if ("problem" in label) return { where: name, what: label.problem };
      const outcome = await readMediaFile(file, modality, context);
      return isProblem(outcome) ? outcome : { ...outcome, label: label.value };
    });
  }
}

function isEmpty({ files, folders, problems }: Listing): boolean {
  return files.length + folders.length + problems.length === 0;
}

async function* readNamed(
  { folder }: Extract<Collection, { kind: "named" }>,
  context: ReadContext,
): AsyncGenerator<Outcome<string>> {
  const { source, name, listing } = folder;
  yield* listing.problems;
  const images = listing.files.filter(isImage);
  context.notices.add(
    name || source.path,
    'is read as images with their labels in their names, as "cat.0.jpg"',
  );
  yield* mapInOrder(images, FILES_AT_ONCE, async (entry): Promise<Outcome<string>> => {
    const file = { source: listing.fileOf.get(entry)!, name: joinName(name, entry) };
    const outcome = await readMediaFile(file, "image", context);
    const label = checkLabel(labelInName(entry));
    if (isProblem(outcome)) return outcome;
    if ("problem" in label) return { where: file.name, what: label.problem };
    return { ...outcome, label: label.value };
  });
}

function unlabelled({ name, listing }: ListedFolder): MissingPart {
  const what = `holds ${listing.files.length} files without labels`;
  return new MissingPart("labels", name, `${what}; put them into a folder for each label`);
}

/** PyTorch would take the outer folder's name as the label, Hugging Face the inner one's. */
const NESTED =
  "is a folder inside a label folder, so its label is not clear; " +
  "put its files directly into a folder named for their label";
