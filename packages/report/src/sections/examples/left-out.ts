import type { ReportData } from "../../data/report-data.js";
import { html } from "../../html/html.js";
import { absent, type Section, table } from "../../html/parts.js";
import { counted } from "../../numbers.js";

const MOST_SHOWN = 100;

/** Rows and files that could not be used. */
export function leftOut({ manifest }: ReportData): Section {
  const { skipped } = manifest.dataset;
  const more = skipped.length - MOST_SHOWN;
  return {
    id: "left-out",
    title: "What was left out",
    body:
      skipped.length === 0
        ? absent("Nothing was left out.")
        : html`<p>${counted(skipped.length, "row or file", "rows or files")} could not be used.</p>
${table(
  ["where", "why"],
  skipped.slice(0, MOST_SHOWN).map(({ where, what }) => [where, what]),
)}
${more > 0 && html`<p>And ${more} more, which task.json lists.</p>`}`,
  };
}
