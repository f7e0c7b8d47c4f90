import { examplesForGain } from "@engraft/core/internal";
import type { ReportData } from "./data/report-data.js";
import { count, counted, decimal, percent, withInterval } from "./numbers.js";
import { confusionsOf } from "./sections/quality/confusion.js";

const MOST_FINDINGS = 3;
/** The gain in accuracy for which the number of labels is told. */
const GAIN = 0.02;

/** The three things to know about a task, as sentences; the most important first. */
export function findingsOf(data: ReportData): string[] {
  return [quality, suspiciousLabels, moreLabels, abstaining, frequentConfusion]
    .flatMap((finding) => finding(data) ?? [])
    .slice(0, MOST_FINDINGS);
}

function quality({ manifest: { evaluation } }: ReportData): string {
  const { test, outOfFold } = evaluation;
  const { n, accuracy, intervals, baselines } = test ?? outOfFold;
  const where = test === undefined ? "out of fold" : "on test data";
  const best = Object.values(baselines).reduce((most, base) => Math.max(most, base.accuracy), 0);
  return (
    `Accuracy ${withInterval(accuracy, intervals.accuracy)} ${where} ` +
    `(${counted(n, "example")}); the best baseline has ${decimal(best)}.`
  );
}

function suspiciousLabels({ labelErrors }: ReportData): string | undefined {
  if (labelErrors === undefined) return undefined;
  if (labelErrors.length === 0) return "No label looks wrong.";
  return `${counted(labelErrors.length, "label looks", "labels look")} wrong.`;
}

function moreLabels({ study }: ReportData): string | undefined {
  const more = study?.learningCurve && examplesForGain(study.learningCurve, GAIN);
  if (more === undefined) return undefined;
  const [lower, upper] = more.interval;
  return `About ${count(more.about)} more labels (${count(lower)} to ${count(upper)}) would gain 2 points of accuracy.`;
}

/** Errors at which a task that abstains is still of use. */
const USEFUL_ERROR = 0.02;

function abstaining({ manifest: { trust } }: ReportData): string | undefined {
  const found = trust?.abstaining.find(({ maxError }) => maxError === USEFUL_ERROR);
  if (found === undefined) return undefined;
  return `At most ${percent(found.maxError, 0)} of answers are wrong if ${percent(1 - found.coverage, 0)} of inputs are left to people.`;
}

function frequentConfusion({ manifest: { evaluation } }: ReportData): string | undefined {
  const [worst] = confusionsOf(evaluation.outOfFold);
  if (worst === undefined) return undefined;
  return `The most frequent mistake: "${worst.right}" taken for "${worst.predicted}" (${percent(worst.share, 0)} of that label).`;
}
