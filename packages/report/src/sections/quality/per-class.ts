import type { Metrics } from "@engraft/tasks/predict";
import type { ReportData } from "../../data/report-data.js";
import { type Html, html } from "../../html/html.js";
import { type BarCell, folded, type Section, table } from "../../html/parts.js";
import { count, decimal } from "../../numbers.js";

/** Of more labels than this the worst are shown, and the others on demand. */
const MOST_SHOWN = 20;

/** How each label fares. */
export function perClass({ manifest }: ReportData): Section {
  const classes = [...manifest.evaluation.outOfFold.perClass].sort((a, b) => a.f1 - b.f1);
  const others = classes.slice(MOST_SHOWN);
  return {
    id: "labels",
    title: "Per label",
    body: html`<p>Out of fold, the worst first. Precision: of what is said to have the label, the share that
has it. Recall: of what has the label, the share that is found. F1 is their harmonic mean.</p>
${classTable(classes.slice(0, MOST_SHOWN))}
${others.length > 0 ? folded(`The ${others.length} other labels`, classTable(others)) : undefined}`,
  };
}

function classTable(classes: Metrics["perClass"]): Html {
  return table(
    ["label", "precision", "recall", "F1", "examples"],
    classes.map(({ label, precision, recall, f1, support }) => [
      label,
      bar(precision),
      bar(recall),
      bar(f1),
      count(support),
    ]),
  );
}

function bar(share: number): BarCell {
  return { text: decimal(share), share };
}
