import type { Model } from "@engraft/core";
import { OutputError } from "@engraft/tasks/errors";
import type { Engine } from "../engine.js";

/** A file that can be written, as workers have it. */
type WritableFile = FileSystemFileHandle & {
  createWritable(): Promise<{
    write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
    close(): Promise<void>;
  }>;
};

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
  const bytes = model.toOnnx() as Uint8Array<ArrayBuffer>;
  try {
    // The file is as it was before until this is closed.
    const file = await (place as WritableFile).createWritable();
    await file.write(bytes);
    await file.close();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OutputError(place.name, why, cause instanceof Error ? cause.name : "Error", cause);
  }
}
