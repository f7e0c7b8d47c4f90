import type { DrawingTools, DrawnReport, ReportFacts } from "@engraft/tasks/internal";
import { mapOf } from "./data/map.js";
import { shownRows } from "./data/selection.js";
import { findingsOf } from "./findings.js";
import { counted } from "./numbers.js";
import { renderReport } from "./page.js";

/** Draws the page about a task: one HTML file. The same facts give the same bytes. */
export async function drawReport(facts: ReportFacts, tools: DrawingTools): Promise<DrawnReport> {
  const { record, manifest } = facts;
  const { linearAlgebra, signal } = tools;
  const map = record && (await mapOf(record, linearAlgebra, manifest.config.seed, signal));
  const { thumbnails, lost } = await drawThumbnails(facts, tools);
  const missing =
    lost === 0
      ? facts.missing
      : [
          ...facts.missing,
          `${counted(lost, "image")} that would be shown here cannot be read: ${tools.whereabouts}`,
        ];
  const data = { ...facts, map, thumbnails, missing };
  return { html: renderReport(data), findings: findingsOf(data), missing };
}

/** Small images of the examples that are shown, and how many of them cannot be had. */
async function drawThumbnails(
  facts: ReportFacts,
  { thumbnail }: DrawingTools,
): Promise<{ thumbnails: ReadonlyMap<number, string>; lost: number }> {
  const thumbnails = new Map<number, string>();
  let lost = 0;
  for (const row of shownRows(facts)) {
    if (facts.record?.examples[row]?.text !== undefined) continue;
    const drawn = await thumbnail(row);
    if (drawn === undefined) lost += 1;
    else thumbnails.set(row, drawn);
  }
  return { thumbnails, lost };
}
