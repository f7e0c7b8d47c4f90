import { NO_EXAMPLES, type ReportData } from "../../data/report-data.js";
import { shownMistakes } from "../../data/selection.js";
import { exampleCard, exampleList, labelTag } from "../../html/example.js";
import { html } from "../../html/html.js";
import { absent, type Section } from "../../html/parts.js";
import { decimal } from "../../numbers.js";

/** Wrong answers of which the task was most sure: wrong labels, or what it has not understood. */
export function mistakes(data: ReportData): Section {
  const { record, manifest } = data;
  const shown = shownMistakes(data);
  const cards = shown.map(({ row, target, predicted, confidence }) =>
    exampleCard(
      data,
      row,
      html`predicted ${labelTag(manifest.labels[predicted])} (${decimal(confidence)}), labelled ${labelTag(manifest.labels[target])}`,
    ),
  );
  return {
    id: "mistakes",
    title: "The most confident mistakes",
    body:
      record === undefined
        ? absent(NO_EXAMPLES)
        : cards.length === 0
          ? absent("No example is answered wrongly out of fold.")
          : html`<p>Answers out of fold that are wrong, the most confident first: either the label is
wrong, or the task has not understood something.</p>${exampleList(cards)}`,
  };
}
