import type { LinearAlgebra } from "@engraft/core";
import type { TaskRecord } from "../format/files/record.js";
import type { MeasuredManifest } from "../format/manifest/manifest.js";
import type { JudgedLabel } from "../label/label-errors.js";
import type { TaskStudy } from "../study/study.js";

/** What is found out about a task for a report. Parts that a task lacks are said to be missing. */
export interface ReportFacts {
  /** What the task is called. */
  readonly name: string;
  readonly manifest: MeasuredManifest;
  /** The examples; undefined where the task was told not to keep them. */
  readonly record?: TaskRecord | undefined;
  /** Learning curve and layers; undefined where they cannot be measured. */
  readonly study?: TaskStudy | undefined;
  /** Labels that look wrong, the most suspicious first; undefined without a record. */
  readonly labelErrors?: readonly JudgedLabel[] | undefined;
  /** What to know before believing the metrics, as sentences. */
  readonly warnings: readonly string[];
  /** What the report is without, and how to get it, as sentences. */
  readonly missing: readonly string[];
}

/** What drawing takes of the machine. */
export interface DrawingTools {
  readonly linearAlgebra: LinearAlgebra;
  /** A small image of the example at a position of the record; undefined where it cannot be had. */
  readonly thumbnail: (row: number) => Promise<string | undefined>;
  /** Why images cannot be had, to end a sentence. */
  readonly whereabouts: string;
  readonly signal: AbortSignal | undefined;
}

/** A page, and what it says in short. */
export interface DrawnReport {
  /** One HTML file that opens without network and without scripts. */
  readonly html: string;
  /** The things to know about the task, as sentences; the most important first. */
  readonly findings: readonly string[];
  /** What the report is without, and how to get it, as sentences. */
  readonly missing: readonly string[];
}

/** Draws reports. */
export interface ReportDrawer {
  /** Whether some bytes are a report that was drawn before. */
  isReport(bytes: Uint8Array): boolean;
  /** Draws the page. */
  draw(facts: ReportFacts, tools: DrawingTools): Promise<DrawnReport>;
}
