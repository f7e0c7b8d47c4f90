import type { JudgedLabel, TaskManifest, TaskRecord, TaskStudy } from "@engraft/tasks";
import type { ExampleMap } from "./map.js";

/** Everything that a report shows. Parts that a task lacks are said to be missing. */
export interface ReportData {
  /** What the task is called: the name of its folder. */
  readonly name: string;
  readonly manifest: TaskManifest;
  /** The examples; undefined where the task was told not to keep them. */
  readonly record?: TaskRecord | undefined;
  /** Learning curve and layers; undefined where they cannot be measured. */
  readonly study?: TaskStudy | undefined;
  /** Labels that look wrong, the most suspicious first; undefined without a record. */
  readonly labelErrors?: readonly JudgedLabel[] | undefined;
  /** The examples on a plane; undefined without a record, or where there are too few. */
  readonly map?: ExampleMap | undefined;
  /** Small images as data URIs, by position of the example in the record. */
  readonly thumbnails: ReadonlyMap<number, string>;
  /** What to know before believing the figures, as sentences. */
  readonly warnings: readonly string[];
  /** What the report is without, and how to get it, as sentences. */
  readonly missing: readonly string[];
}

/** Why a section about examples has nothing to show. */
export const NO_EXAMPLES: string =
  "The task keeps no examples (it was trained with --no-examples), which this part needs.";

/** Why a section about measurements made for the report has nothing to show. */
export const NO_STUDY: string =
  "This takes the layers of the training examples, which the report was made without.";
