import { readFileSync, realpathSync, statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { UsageError } from "@engraft/core";
import { decodeModel } from "@engraft/onnx";
import type { ModelFile, UnreadableFile } from "@engraft/tasks/predict";
import { readPlainFile, requirePlain, toUnreadable } from "./plain-file.js";

/**
 * Reads an ONNX file, and the external data files that it names: `model.onnx.data`, as PyTorch's
 * exporter writes it. These must lie in the folder of the model or below it, and no symbolic link may
 * lead out; where the model itself is a link, they may also lie where that leads to.
 *
 * @param unreadable - The error where the file itself cannot be read. Default: one that names it.
 * @throws UsageError when an external data file is missing or lies elsewhere.
 * @throws OnnxError when it is not an ONNX model that Engraft can read.
 */
export async function readModelFile(
  path: string,
  unreadable: (reason: UnreadableFile) => Error = (reason) =>
    new UsageError(`${path} cannot be read: ${reason.message}. Give the path of an ONNX file.`),
): Promise<ModelFile> {
  const bytes = await readPlainFile(path).catch((reason: UnreadableFile) => {
    throw unreadable(reason);
  });
  const folders = [await realpath(dirname(path)), dirname(await realpath(path))];
  const dataFiles = new Map<string, Uint8Array>();
  const externalData = (location: string): Uint8Array => {
    const content = readDataFile(path, location, folders);
    dataFiles.set(location, content);
    return content;
  };
  return { bytes, model: decodeModel(bytes, { externalData }), dataFiles };
}

/** Reads at once: decoding asks for the file in the middle of its work. */
function readDataFile(path: string, location: string, folders: readonly string[]): Uint8Array {
  try {
    const real = realpathSync(resolve(dirname(path), location));
    if (folders.every((folder) => leadsOut(folder, real))) {
      throw new Error(`a symbolic link leads to ${real}, out of the folder of the model`);
    }
    requirePlain(statSync(real));
    return readFileSync(real);
  } catch (error) {
    throw new UsageError(
      `${path} keeps weights in the file "${location}" beside it, which cannot be read: ` +
        `${toUnreadable(error).message}. Copy it to ${dirname(path)} together with the model.`,
      { cause: error },
    );
  }
}

function leadsOut(folder: string, real: string): boolean {
  const way = relative(folder, real);
  return way === ".." || way.startsWith(`..${sep}`) || resolve(way) === way;
}
