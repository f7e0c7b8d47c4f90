import { exampleCard, exampleList, labelTag } from "../example.js";
import { html } from "../html.js";
import { count, counted, decimal } from "../numbers.js";
import { absent, type Section } from "../parts.js";
import { NO_EXAMPLES, type ReportData } from "../report-data.js";
import { shownLabelErrors } from "../selection.js";

/** Labels that are probably wrong. */
export function labelErrors(data: ReportData): Section {
  const { labelErrors: found, manifest } = data;
  const shown = shownLabelErrors(data);
  const cards = shown.map(({ row, given, suggested, probabilityOfGiven, probabilityOfSuggested }) =>
    exampleCard(
      data,
      row,
      html`labelled ${labelTag(manifest.labels[given])} (${decimal(probabilityOfGiven)}), perhaps ${labelTag(manifest.labels[suggested])} (${decimal(probabilityOfSuggested)})`,
    ),
  );
  return {
    id: "label-errors",
    title: "Likely label errors",
    body:
      found === undefined
        ? absent(NO_EXAMPLES)
        : cards.length === 0
          ? absent("No label looks wrong.")
          : html`<p>${counted(found.length, "label")} of ${count(manifest.dataset.examples)} look wrong: the task, which
had not seen the example, is sure of another one (confident learning). The probabilities are what it
gives the two. The worst ${cards.length} are shown; <code>engraft relabel</code> walks through all.</p>
${exampleList(cards)}`,
  };
}
