import { basename, dirname, join, resolve } from "node:path";
import type { DataProblem, Modality } from "@engraft/core";
import { checkLabel } from "./cells.js";
import { type ColumnOptions, findLabelledColumns } from "./columns.js";
import { joinName, listFolder } from "./directory.js";
import { isImage } from "./images.js";
import { FILES_AT_ONCE, isProblem, type Outcome, readMediaFile } from "./item.js";
import type { Collection, Folder, ListedFolder } from "./layout.js";
import type { ReadContext } from "./limits.js";
import { mapInOrder } from "./order.js";
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
      const { file } = collection;
      const choose = (names: readonly string[]) => findLabelledColumns(names, columns, file.name);
      const folder = dirname(file.path);
      const { header } = columns;
      return readTable(file, { folder, choose, toLabel: checkLabel, header, context });
    }
    case "metadata":
      return readMetadata(collection, columns, context);
    case "classes":
      return readClasses(collection, context);
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
    folder: folder.path,
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

/** PyTorch would take the outer folder's name as the label, Hugging Face the inner one's. */
const NESTED =
  "is a folder inside a label folder, so its label is not clear; " +
  "put its files directly into a folder named for their label";

function mostCommonModality(classes: readonly ListedFolder[]): Modality {
  const files = classes.flatMap(({ listing }) => listing.files);
  return files.filter(isTextFile).length > files.filter(isImage).length ? "text" : "image";
}
