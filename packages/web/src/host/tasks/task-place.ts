import { MANIFEST_FILE, type WritableTask } from "@engraft/tasks/predict";
import { sha256 } from "../sha256.js";

/** One place that a task is at, or may be written to. */
export interface TaskPlace {
  /**
   * A file of the task; undefined where there is none.
   *
   * @param most - The largest size that it may have, where that is looked at before it is read.
   */
  read(name: string, most?: number): Promise<Uint8Array | undefined>;
  /** What messages say a place without a task is: `is not the name of a task in this browser`. */
  readonly isNone: string;
  /**
   * Looks whether a task can be written here. @param seen - The state that the task is made from.
   */
  prepare(seen: { readonly state: string | undefined } | undefined): Promise<WritableTask>;
}

/** Differs between any two tasks at a place; undefined while there is none. */
export async function stateOf(place: TaskPlace): Promise<string | undefined> {
  const manifest = await place.read(MANIFEST_FILE).catch(() => undefined);
  return manifest && sha256(manifest);
}
