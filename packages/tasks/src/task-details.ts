import type { Modality } from "@engraft/core";
import type { Extension } from "./actions/extend.js";
import type { OutlierDetector } from "./predict/outlier-detector.js";
import type { ImageSource, NamedInput } from "./sources/source.js";
import type { TaskOrigin } from "./task-memory.js";

/** What a task on a kind of data predicts: a text; or the content or place of an image; or an input that was read. */
export type InputOf<M extends Modality> = (M extends "text" ? string : ImageSource) | NamedInput;

/** What a task is made of. */
export interface TaskDetails {
  /** Where it was read from. Default: it is only in memory. */
  readonly origin?: TaskOrigin | undefined;
  /** The place of the data that it was trained on. Default: not known. */
  readonly data?: string | undefined;
  /** Scores how unlike the training examples inputs are. Default: nothing does. */
  readonly outliers?: OutlierDetector | undefined;
  /** What an extension changed, where the task comes from one. */
  readonly extension?: Extension | undefined;
  /** Where the task was read from that this one was made of. Default: it was made of none. */
  readonly madeOf?: TaskOrigin | undefined;
}
