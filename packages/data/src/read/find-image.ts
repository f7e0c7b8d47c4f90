import type { ReadContext } from "../context.js";
import { isImage } from "../images/image-file.js";
import type { FileSource, FolderSource } from "../source/source.js";

/** Extensions that are tried for an image that is named without one. */
const TRIED = [".jpg", ".jpeg", ".png", ".JPG", ".webp", ".bmp", ".tif"];

/**
 * The image that a row names by its path, in the first folder that has it.
 *
 * @param source - What notices call the row.
 */
export async function findImage(
  path: string,
  source: string,
  folders: readonly FolderSource[],
  { notices }: ReadContext,
): Promise<FileSource | undefined> {
  for (const [i, folder] of folders.entries()) {
    const found = await findIn(folder, path);
    if (found === undefined) continue;
    if (i > 0)
      notices.add(source, `has its image in ${folder.path}, where the task had its images`);
    if (found.isSlashed) {
      notices.add(source, "has backslashes in the path of its image, read as slashes");
    }
    return found.file;
  }
  return undefined;
}

/** As its row says, or with the other slashes, or with the extension that it lacks. */
async function findIn(
  folder: FolderSource,
  path: string,
): Promise<{ readonly file: FileSource; readonly isSlashed: boolean } | undefined> {
  const plain = await folder.find(path);
  if (plain !== undefined) return { file: plain, isSlashed: false };
  const slashed = path.replaceAll("\\", "/");
  const isSlashed = slashed !== path;
  if (isImage(path) && !isSlashed) return undefined;
  for (const extension of isImage(path) ? [""] : ["", ...TRIED]) {
    const file = await folder.find(slashed + extension);
    if (file !== undefined) return { file, isSlashed };
  }
  return undefined;
}
