import type { Prediction, TaskManifest } from "@engraft/tasks";
import type { WebImage } from "../page/inputs.js";

/** A task as a view shows and asks it. */
export interface ViewedTask {
  readonly name: string;
  readonly manifest: TaskManifest;
  /** Predicts one input. @param input - A text, where the task reads texts. */
  predict(input: WebImage): Promise<Prediction>;
}
