import type { ReportFacts } from "@engraft/tasks/internal";
import type { ExampleMap } from "./map.js";

/** Everything that a report shows. */
export interface ReportData extends ReportFacts {
  /** The examples on a plane; undefined without a record, or where there are too few. */
  readonly map?: ExampleMap | undefined;
  /** Small images as data URIs, by position of the example in the record. */
  readonly thumbnails: ReadonlyMap<number, string>;
}

/** Why a section about examples has nothing to show. */
export const NO_EXAMPLES: string =
  "The task keeps no examples (option keepExamples, when it was trained), which this part needs.";

/** Why a section about measurements made for the report has nothing to show. */
export const NO_STUDY: string =
  "This takes the layers of the training examples, which the report was made without.";
