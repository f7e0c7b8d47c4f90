import type { ComparedMetrics } from "@engraft/tasks/predict";
import { accuracyChart, type NamedMetrics } from "../../charts/quality.js";
import type { ReportData } from "../../data/report-data.js";
import { type Html, html } from "../../html/html.js";
import { chartFigure, type Section, table } from "../../html/parts.js";
import { count, withInterval } from "../../numbers.js";

/** What the names of baselines stand for. */
const BASELINES: ReadonlyMap<string, string> = new Map([
  ["majority", "most frequent label"],
  ["words", "words alone (TF-IDF)"],
  ["colours", "colours alone"],
  ["last", "last layer alone"],
  ["frozen", "with the base frozen"],
  ["labels-only", "labels alone"],
  ["labels-and-names", "without the unlabelled examples"],
]);

/** The metrics with their intervals beside those of the baselines, for every split. */
export function quality({ manifest: { evaluation } }: ReportData): Section {
  const splits = [
    [`Out of fold (${evaluation.method})`, evaluation.outOfFold],
    ["Validation data", evaluation.val],
    ["Test data", evaluation.test],
  ] as const;
  return {
    id: "quality",
    title: "Quality",
    body: html`<p>Each metric stands with its 95 % interval: the true value lies in it for 95 of 100
data sets like this one. Where intervals overlap widely, a difference may be chance. Log-loss is in
nats, lower is better.</p>
${splits.map(([name, metrics]) => metrics && splitMetrics(name, metrics))}`,
  };
}

function splitMetrics(name: string, metrics: ComparedMetrics): Html {
  const rows: NamedMetrics[] = [
    { name: "this task", metrics },
    ...Object.entries(metrics.baselines).map(([baseline, summary]) => ({
      name: BASELINES.get(baseline) ?? baseline,
      metrics: summary,
    })),
  ];
  return html`<h3>${name}, ${count(metrics.n)} examples</h3>
${chartFigure(
  "Accuracy of this task and of simpler ones, with 95 % intervals.",
  accuracyChart(`Accuracy, ${name}: this task and its baselines.`, rows),
  table(
    ["", "accuracy", "balanced accuracy", "macro-F1", "log-loss"],
    rows.map(({ name: row, metrics: { intervals, ...values } }) => [
      row,
      withInterval(values.accuracy, intervals.accuracy),
      withInterval(values.balancedAccuracy, intervals.balancedAccuracy),
      withInterval(values.macroF1, intervals.macroF1),
      withInterval(values.logLoss, intervals.logLoss),
    ]),
  ),
)}`;
}
