import { shorten } from "@engraft/core/escape";
import { targetsOf } from "@engraft/core/internal";
import type { TaskRecord } from "@engraft/tasks/internal";
import { type MapPoint, mapChart, RING, seriesMark } from "../../charts/map.js";
import { type Answer, answersOf, mistakesOf } from "../../data/answers.js";
import type { ExampleMap } from "../../data/map.js";
import { NO_EXAMPLES, type ReportData } from "../../data/report-data.js";
import { type Html, html } from "../../html/html.js";
import { OTHER_COLOUR, SERIES } from "../../html/palette.js";
import {
  absent,
  chartFigure,
  type LegendEntry,
  legend,
  type Section,
  table,
} from "../../html/parts.js";
import { count } from "../../numbers.js";

const MOST_LETTERS = 60;

/** The examples on a plane, as the base sees them. */
export function exampleMap({ manifest, record, map }: ReportData): Section {
  return {
    id: "map",
    title: "Map of the examples",
    body:
      record === undefined
        ? absent(NO_EXAMPLES)
        : map === undefined
          ? absent("There are too few examples for a map.")
          : drawnMap(record, map, manifest.labels),
  };
}

function drawnMap(
  record: TaskRecord,
  { rows, places }: ExampleMap,
  labels: readonly string[],
): Html {
  const targets = targetsOf(record.examples, labels);
  const answers = answersOf(record, targets);
  const wrong = new Set(mistakesOf(answers).map(({ row }) => row));
  const coloured = colouredLabels(labels.length, answers);
  const points = rows.map((row, index): MapPoint => {
    const [x, y] = places[index]!;
    const { label, text, source } = record.examples[row]!;
    const series = coloured.indexOf(targets[row]!);
    return {
      x,
      y,
      series: series < 0 ? undefined : series,
      wrong: wrong.has(row),
      title: `${label}: ${shorten(text ?? source, MOST_LETTERS)}`,
    };
  });
  return html`${legend(
    legendOf(
      coloured.map((index) => labels[index]!),
      labels.length,
    ),
  )}
${chartFigure(
  `${count(rows.length)} ${rows.length < record.examples.length ? `of ${count(record.examples.length)} ` : ""}examples, laid out by UMAP so that those that are alike for
the frozen base lie together. Distances between far groups, and directions, mean nothing.`,
  mapChart(points),
  labelTable(rows, targets, wrong, labels),
)}`;
}

/** All labels if there are colours enough, else those that take part in the most mistakes. */
function colouredLabels(labels: number, answers: readonly Answer[]): number[] {
  const all = Array.from({ length: labels }, (_, index) => index);
  if (labels <= SERIES.length) return all;
  const mistakes = new Int32Array(labels);
  for (const { target, predicted } of mistakesOf(answers)) {
    mistakes[target]! += 1;
    mistakes[predicted]! += 1;
  }
  return all.sort((a, b) => mistakes[b]! - mistakes[a]!).slice(0, SERIES.length);
}

function legendOf(coloured: readonly string[], labels: number): LegendEntry[] {
  const others = labels - coloured.length;
  return [
    ...coloured.map((label, index) => ({ label, mark: seriesMark(index) })),
    ...(others > 0
      ? [
          {
            label: `the ${others} other labels, which take part in fewer mistakes`,
            mark: html`<i style="background:${OTHER_COLOUR}"></i>`,
          },
        ]
      : []),
    { label: "answered wrongly", mark: RING },
  ];
}

function labelTable(
  rows: readonly number[],
  targets: Int32Array,
  wrong: ReadonlySet<number>,
  labels: readonly string[],
): Html {
  const counts = labels.map((label) => ({ label, points: 0, wrong: 0 }));
  for (const row of rows) {
    const entry = counts[targets[row]!];
    if (entry === undefined) continue;
    entry.points += 1;
    if (wrong.has(row)) entry.wrong += 1;
  }
  return table(
    ["label", "points on the map", "answered wrongly"],
    counts.map((entry) => [entry.label, count(entry.points), count(entry.wrong)]),
  );
}
