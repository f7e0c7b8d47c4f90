import type { Model } from "@engraft/core";
import { writeChosenFile } from "../../host/files/chosen-file.js";
import { notWritten } from "../../host/storage/not-written.js";
import type { Engine } from "../engine.js";

/** Writes a model: under a name in this browser, or into a file that the user chose. */
export async function saveTo(
  place: string | FileSystemFileHandle,
  model: Model,
  { engraft }: Engine,
): Promise<void> {
  if (typeof place === "string") {
    await engraft.saveModel(model, place);
    return;
  }
  const bytes = model.toOnnx();
  try {
    await writeChosenFile(place, bytes);
  } catch (cause) {
    throw notWritten(place.name, cause);
  }
}
