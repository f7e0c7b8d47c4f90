import type { Metrics } from "@engraft/tasks/predict";
import { confusionChart } from "../../charts/confusion.js";
import type { ReportData } from "../../data/report-data.js";
import { html } from "../../html/html.js";
import { chartFigure, type Section, table } from "../../html/parts.js";
import { count, percent } from "../../numbers.js";

/** Up to this many labels the matrix is also a table; beyond, the most frequent confusions are. */
const MOST_LABELS_IN_TABLE = 12;
/** Beyond this many labels only those that are confused most are drawn. */
const MOST_LABELS_DRAWN = 100;
const MOST_CONFUSIONS = 25;

/** Examples of one label that are taken for another. */
export interface Confusion {
  readonly right: string;
  readonly predicted: string;
  /** How often; a mean over the repeats of a cross-validation. */
  readonly times: number;
  /** Share of the examples of the right label. */
  readonly share: number;
}

/** What is taken for what. */
export function confusion({ manifest }: ReportData): Section {
  const metrics = manifest.evaluation.outOfFold;
  const drawn = labelsToDraw(metrics);
  const labels = drawn.map((index) => metrics.labels[index]!);
  const matrix = drawn.map((right) => drawn.map((column) => metrics.confusion[right]![column]!));
  const left = metrics.labels.length - labels.length;
  const chart = confusionChart(labels, matrix);
  const caption = html`Lines are the right labels, columns the predicted ones; right answers are on
the diagonal. The darker, the larger the share of the line.${
    left > 0
      ? ` Drawn are the ${labels.length} labels with the most mistakes; ${left} are not.`
      : ""
  }`;
  const small = metrics.labels.length <= MOST_LABELS_IN_TABLE;
  const alternative = small
    ? table(
        ["right \\ predicted", ...labels],
        matrix.map((line, index) => [labels[index]!, ...line.map(count)]),
      )
    : confusionTable(metrics);
  return {
    id: "confusion",
    title: "Confusion matrix",
    body: html`${chartFigure(caption, chart, alternative)}
${small ? undefined : html`<h3>The most frequent confusions</h3>${confusionTable(metrics)}`}`,
  };
}

/** What is mistaken for what, the most frequent first. */
export function confusionsOf({ labels, confusion: matrix }: Metrics): Confusion[] {
  return matrix
    .flatMap((line, right) => {
      const total = line.reduce((sum, times) => sum + times, 0);
      return line.flatMap((times, predicted) => {
        if (times === 0 || predicted === right) return [];
        const names = { right: labels[right]!, predicted: labels[predicted]! };
        return [{ ...names, times, share: times / total }];
      });
    })
    .sort((a, b) => b.times - a.times || b.share - a.share);
}

function confusionTable(metrics: Metrics) {
  return table(
    ["right label", "predicted", "times", "of the label"],
    confusionsOf(metrics)
      .slice(0, MOST_CONFUSIONS)
      .map(({ right, predicted, times, share }) => [
        right,
        predicted,
        count(times),
        { text: percent(share), share },
      ]),
  );
}

/** All labels, or those with the most mistakes in their lines and columns, in their own order. */
function labelsToDraw({ confusion: matrix }: Metrics): number[] {
  const all = [...matrix.keys()];
  if (all.length <= MOST_LABELS_DRAWN) return all;
  const mistakes = new Float64Array(all.length);
  matrix.forEach((line, right) => {
    line.forEach((times, predicted) => {
      if (predicted === right) return;
      mistakes[right]! += times;
      mistakes[predicted]! += times;
    });
  });
  return all
    .sort((a, b) => mistakes[b]! - mistakes[a]!)
    .slice(0, MOST_LABELS_DRAWN)
    .sort((a, b) => a - b);
}
