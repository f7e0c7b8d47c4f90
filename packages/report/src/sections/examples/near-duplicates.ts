import { NO_EXAMPLES, type ReportData } from "../../data/report-data.js";
import { duplicateGroups, shownGroups } from "../../data/selection.js";
import { exampleCard, exampleList, labelTag } from "../../html/example.js";
import { type Html, html } from "../../html/html.js";
import { absent, type Section } from "../../html/parts.js";
import { count, counted } from "../../numbers.js";

/** Examples that are nearly the same as others. */
export function nearDuplicates(data: ReportData): Section {
  return {
    id: "near-duplicates",
    title: "Near-duplicates",
    body: html`<p>${counted(data.manifest.dataset.nearDuplicates, "example")} of ${count(data.manifest.dataset.examples)} have a near-duplicate.
Groups were kept together when the task was measured, so that no copy gives an answer away.</p>
${groups(data)}`,
  };
}

function groups(data: ReportData): Html {
  const { record } = data;
  if (record === undefined) return absent(NO_EXAMPLES);
  const found = duplicateGroups(record);
  if (found.length === 0) return absent("No example has a near-duplicate.");
  const contradictory = found.filter((group) => group.contradictory).length;
  const shown = shownGroups(found);
  return html`<p>${counted(found.length, "group")}, ${counted(contradictory, "of them", "of them")} with different labels, which
cannot all be right. Shown are ${shown.length}, those with different labels first, then the largest.</p>
${shown.map((rows, index) => group(data, rows, found[index]!.rows.length))}`;
}

function group(data: ReportData, rows: readonly number[], size: number): Html {
  const cards = rows.map((row) =>
    exampleCard(data, row, labelTag(data.record?.examples[row]?.label)),
  );
  return html`<section class="group"><h3>${counted(size, "example")}${
    size > rows.length && `, ${rows.length} of them:`
  }</h3>${exampleList(cards)}</section>`;
}
