import { fileURLToPath } from "node:url";
import { IntegrityError } from "@engraft/core/errors";
import { BASE_PACKAGES, type BaseId } from "@engraft/tasks/predict";
import { readPlainFile } from "./files/plain-file.js";

/**
 * Reads a file of a base model out of the package that holds it.
 *
 * @throws IntegrityError `base/invalid` when it is not there.
 */
export async function readBaseFile(id: BaseId, name: string): Promise<Uint8Array> {
  const holder = BASE_PACKAGES[id];
  try {
    const path = fileURLToPath(import.meta.resolve(`${holder}/${name}`));
    // Threads that load a model read its weights where they lie.
    return await readPlainFile(path, { shared: name.endsWith(".onnx") });
  } catch (cause) {
    throw new IntegrityError(
      "base/invalid",
      name,
      `The file ${name} of base model ${id} is missing. Reinstall it with: npm install ${holder}`,
      { cause },
    );
  }
}
