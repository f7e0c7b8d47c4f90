import { riskCoverage, targetsOf } from "@engraft/core/internal";
import type { TaskRecord } from "@engraft/tasks/internal";
import { abstainingChart } from "../../charts/abstaining.js";
import { NO_EXAMPLES, type ReportData } from "../../data/report-data.js";
import { type Html, html } from "../../html/html.js";
import { absent, chartFigure, type Section, table } from "../../html/parts.js";
import { decimal, percent } from "../../numbers.js";

/** What is gained by leaving uncertain inputs to people. */
export function abstaining({ manifest, record }: ReportData): Section {
  const limits = limitTable(manifest);
  return {
    id: "abstaining",
    title: "What abstaining buys",
    body: html`<p>A task may answer only where it is sure enough (<code>predict --max-error-rate</code>) and leave
the rest to people.</p>
${limits}
${record === undefined ? absent(NO_EXAMPLES) : curve(record, manifest.labels)}`,
  };
}

function limitTable({ trust }: ReportData["manifest"]): Html {
  if (trust === undefined) {
    return absent("The task is of version 0.1.0, which did not measure this; train it again.");
  }
  if (trust.abstaining.length === 0) {
    return absent("There are too few examples, or too many mistakes, to keep any limit on errors.");
  }
  return table(
    ["wrong at most", "answers from probability", "answered"],
    trust.abstaining.map(({ maxError, threshold, coverage }) => [
      percent(maxError),
      decimal(threshold),
      { text: percent(coverage), share: coverage },
    ]),
  );
}

/** Shares of answered inputs at which the table gives the error. */
const COVERAGES: readonly number[] = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];

function curve(record: TaskRecord, labels: readonly string[]): Html {
  const { rows, logProbabilities } = record.outOfFold;
  const targets = targetsOf(record.examples, labels);
  const points = riskCoverage(
    logProbabilities,
    rows.map((row) => targets[row]!),
  );
  return chartFigure(
    "The fewer inputs are answered, the most certain first, the fewer answers are wrong. Out of fold.",
    abstainingChart(points),
    table(
      ["answered", "from probability", "wrong"],
      COVERAGES.flatMap((wanted) => {
        const point = points.find(({ coverage }) => coverage >= wanted);
        if (point === undefined) return [];
        return [[percent(point.coverage), decimal(point.threshold), percent(point.error)]];
      }),
    ),
  );
}
