import { measureCalibration, targetsOf } from "@engraft/core/internal";
import type { TaskRecord } from "@engraft/tasks/internal";
import { reliabilityChart } from "../../charts/reliability.js";
import { NO_EXAMPLES, type ReportData } from "../../data/report-data.js";
import { type Html, html } from "../../html/html.js";
import { absent, chartFigure, type Section, table } from "../../html/parts.js";
import { count, decimal, percent } from "../../numbers.js";

/** How far stated probabilities can be taken at their word. */
export function calibration({ manifest, record }: ReportData): Section {
  return {
    id: "calibration",
    title: "Reliability of probabilities",
    body: record === undefined ? absent(NO_EXAMPLES) : reliability(record, manifest.labels),
  };
}

function reliability(record: TaskRecord, labels: readonly string[]): Html {
  const measured = measureCalibration([record.outOfFold], targetsOf(record.examples, labels));
  const points = (100 * measured.expectedError).toFixed(1);
  const bins = measured.bins.filter((bin) => bin.count > 0);
  return html`<p>Stated probabilities are off by ${points} points on average (expected calibration error, ${measured.bins.length} bins, out of fold).</p>
${chartFigure(
  `Each dot is a range of stated probabilities; the larger, the more answers lie in it. On the dashed
line, answers of 80 % are right 80 times in 100; below it the task is too sure of itself, above it not
sure enough.`,
  reliabilityChart(measured),
  table(
    ["stated", "mean stated", "right", "answers"],
    bins.map(({ from, to, confidence, accuracy, count: answers }) => [
      `${percent(from, 0)} to ${percent(to, 0)}`,
      decimal(confidence ?? 0),
      decimal(accuracy ?? 0),
      count(answers),
    ]),
  ),
)}`;
}
