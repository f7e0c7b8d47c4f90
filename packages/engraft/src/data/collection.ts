import { basename, join, resolve } from "node:path";
import type { DataProblem, Modality } from "@engraft/core";
import { checkLabel } from "./cells.js";
import { type ColumnOptions, findLabelledColumns, imageFoldersOf } from "./columns.js";
import { joinName, type Listing, listFolder } from "./directory.js";
import { isImage } from "./images.js";
import { FILES_AT_ONCE, isProblem, type Outcome, readMediaFile } from "./item.js";
import { type Collection, type Folder, type ListedFolder, labelInName } from "./layout.js";
import type { ReadContext } from "./limits.js";
import { mapInOrder } from "./order.js";
import { MissingPart } from "./problems.js";
import { readTable } from "./table.js";
import { isTextFile } from "./text-files.js";

/** Reads the labelled items of a collection, in the order of its rows or of its sorted paths. */
export function readCollection(
  collection: Collection,
  columns: ColumnOptions,
  context: ReadContext,
): AsyncGenerator<Outcome<string>> {
  switch (collection.kind) {
    case "table": {
      const { file, images } = collection;
      if (images !== undefined) {
        context.notices.add(file.name, `is read as the labels of the images in ${images.name}/`);
      }
      const imageFolder = columns.imageFolder ?? images?.path;
      const choose = (names: readonly string[]) =>
        findLabelledColumns(names, { ...columns, imageFolder }, file.name);
      const folders = imageFoldersOf(file, { ...columns, imageFolder });
      const { header } = columns;
      return readTable(file, { folders, choose, toLabel: checkLabel, header, context });
    }
    case "metadata":
      return readMetadata(collection, columns, context);
    case "classes":
      return readClasses(collection, context);
    case "named":
      return readNamed(collection, context);
    case "unlabelled":
      throw unlabelled(collection.folder);
  }
}

async function* readMetadata(
  { file, folder }: Extract<Collection, { kind: "metadata" }>,
  columns: ColumnOptions,
  context: ReadContext,
): AsyncGenerator<Outcome<string>> {
  const named = { ...columns, image: columns.image ?? "file_name" };
  const listed = new Set<string>();
  yield* readTable(file, {
    folders: [folder.path],
    header: columns.header,
    choose: (names) => findLabelledColumns(names, named, file.name),
    toLabel: checkLabel,
    context,
    onImage: (path) => listed.add(path),
  });
  if (listed.size > 0) yield* unlistedImages(folder, listed, file.name);
}

/** Images beside a metadata file that it does not name. Linked folders are not followed. */
async function* unlistedImages(
  folder: Folder,
  listed: ReadonlySet<string>,
  metadata: string,
): AsyncGenerator<DataProblem> {
  const { files, folders, links } = await listFolder(folder.path, folder.name);
  for (const name of files.filter(isImage)) {
    if (listed.has(resolve(folder.path, name))) continue;
    yield { where: joinName(folder.name, name), what: `is not listed in ${metadata}` };
  }
  for (const name of folders) {
    if (links.has(name)) continue;
    const inner = { path: join(folder.path, name), name: joinName(folder.name, name) };
    yield* unlistedImages(inner, listed, metadata);
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
  const modality = mostCommonModality(classes);
  for (const { path, name, listing } of classes) {
    yield* listing.problems;
    if (isEmpty(listing)) yield { where: name, what: "is a label folder without files" };
    for (const nested of listing.folders) yield { where: joinName(name, nested), what: NESTED };
    const label = checkLabel(basename(path));
    const files = listing.files.map((entry) => ({
      path: join(path, entry),
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
  const { path, name, listing } = folder;
  yield* listing.problems;
  const images = listing.files.filter(isImage);
  context.notices.add(
    name || path,
    'is read as images with their labels in their names, as "cat.0.jpg"',
  );
  yield* mapInOrder(images, FILES_AT_ONCE, async (entry): Promise<Outcome<string>> => {
    const file = { path: join(path, entry), name: joinName(name, entry) };
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

function mostCommonModality(classes: readonly ListedFolder[]): Modality {
  const files = classes.flatMap(({ listing }) => listing.files);
  return files.filter(isTextFile).length > files.filter(isImage).length ? "text" : "image";
}
