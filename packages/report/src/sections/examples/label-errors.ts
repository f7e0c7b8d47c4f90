import type { JudgedLabel } from "@engraft/tasks/internal";
import { NO_EXAMPLES, type ReportData } from "../../data/report-data.js";
import { shownLabelErrors } from "../../data/selection.js";
import { exampleCard, exampleList, labelTag } from "../../html/example.js";
import { type Html, html } from "../../html/html.js";
import { absent, type Section } from "../../html/parts.js";
import { count, counted, decimal, percent } from "../../numbers.js";

/** Labels that are probably wrong. */
export function labelErrors(data: ReportData): Section {
  return {
    id: "label-errors",
    title: "Likely label errors",
    body:
      data.record === undefined ? absent(NO_EXAMPLES) : suspects(data, data.record.outOfFold.rows),
  };
}

function suspects(data: ReportData, judged: Int32Array): Html {
  const { labelErrors: found = [], manifest } = data;
  const all = manifest.dataset.examples;
  const scope =
    judged.length < data.record!.examples.length
      ? html` On large data the task is measured on a part, and these ${count(judged.length)} of its
${count(all)} examples were judged; <code>engraft relabel</code> judges all.`
      : undefined;
  if (found.length === 0) return html`<p>No label looks wrong.${scope}</p>`;
  const shown = shownLabelErrors(data);
  return html`<p>${counted(found.length, "label looks", "labels look")} wrong: the task, which had not seen the
example, is sure of another one (confident learning). The probabilities are what it gives the two.
The nearest examples are a second opinion, which owes nothing to the task: near-duplicates left out,
so many of them have another label.${scope}</p>
<p>${found.length > shown.length && html`The worst ${shown.length} are shown. `}<code>engraft relabel</code> walks through all of them and writes a
corrected copy.</p>
${exampleList(shown.map((suspect) => card(data, suspect)))}`;
}

function card(data: ReportData, suspect: JudgedLabel): Html {
  const { labels } = data.manifest;
  const { row, given, suggested, probabilityOfGiven, probabilityOfSuggested } = suspect;
  return exampleCard(
    data,
    row,
    html`labelled ${labelTag(labels[given])} (${decimal(probabilityOfGiven)}), perhaps ${labelTag(labels[suggested])} (${decimal(probabilityOfSuggested)})`,
    neighbours(suspect),
  );
}

function neighbours({ neighboursDisagreeing: share }: JudgedLabel): string {
  if (share === undefined) return "no neighbours to ask";
  return `${percent(share, 0)} of its nearest examples have another label`;
}
