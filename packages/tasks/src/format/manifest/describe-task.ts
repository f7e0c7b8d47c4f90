import { textTable, visible } from "@engraft/core/escape";
import type { Interval } from "@engraft/core/predict";
import type { MeasuredGain } from "./beside-labels.js";
import type { ComparedMetrics, SummaryMetrics, TaskManifest } from "./manifest.js";
import { unmeasuredWarning } from "./warnings.js";

/** How good a task is, in the lines that a terminal shows. */
export function describeTask(manifest: TaskManifest): string[] {
  const { evaluation, fineTuning, head } = manifest;
  return [
    ...describeHelp(manifest),
    ...describeFineTuning(fineTuning),
    ...(evaluation.outOfFold
      ? describeCompared(`Out of fold (${evaluation.method})`, evaluation.outOfFold)
      : [`${unmeasuredWarning(manifest)}`, ""]),
    ...(evaluation.val ? describeCompared("On the val split", evaluation.val) : []),
    ...(evaluation.test ? describeCompared("On the test split", evaluation.test) : []),
    ...textTable(
      ["view", "weight"],
      head.views.map(({ name, weight }) => [name, weight.toFixed(3)]),
    ),
  ];
}

/** What names and unlabelled examples were worth beside the labels; no line where there were none. */
export function describeHelp({ names, unlabelled }: TaskManifest): string[] {
  return [...describeNames(names), ...describeUnlabelled(unlabelled, names)];
}

function describeNames(names: TaskManifest["names"]): string[] {
  if (names === undefined) return [];
  const { described, used, accuracy, logLoss } = names;
  const what = `The ${described ? "descriptions" : "names"} of the labels`;
  if (!used && accuracy.gain === 0 && logLoss.gain === 0) {
    return [`${what} do not tell the examples apart: not used.`, ""];
  }
  return [
    `${what} gained ${gained(accuracy, logLoss)} over the labels alone, out of fold: ` +
      `${used ? "used" : "not used"}.`,
    "",
  ];
}

function describeUnlabelled(
  unlabelled: TaskManifest["unlabelled"],
  names: TaskManifest["names"],
): string[] {
  if (unlabelled === undefined) return [];
  const { given, copies, classShares, taught, kept, used, accuracy, logLoss } = unlabelled;
  const part =
    (taught === undefined ? "" : ` Students learned from ${taught} of them.`) +
    (kept === undefined ? "" : ` The task keeps vectors of ${kept} of them.`);
  if (used && accuracy === undefined) {
    return [
      `Learned from ${given} examples without a label and from the names of the labels.`,
      `Among them ${sharesInWords(classShares)}.${part}`,
      "",
    ];
  }
  const left = copies > 0 ? `, ${copies} of them copies of labelled ones and left out` : "";
  if (accuracy === undefined || logLoss === undefined) {
    return [`${given} unlabelled examples${left}: too few to learn from.`, ""];
  }
  return [
    `${given} unlabelled examples${left}: they gained ${gained(accuracy, logLoss)} over the labels ` +
      `${names ? "and their names" : "alone"}, out of fold: ${used ? "used" : "not used"}.`,
    `Among them ${sharesInWords(classShares)}.${part}`,
    "",
  ];
}

/** Named are the shares of so many labels; of others, that they were given. */
const MOST_SHARES = 6;

function sharesInWords(shares: NonNullable<TaskManifest["unlabelled"]>["classShares"]): string {
  if (shares === undefined) return "every label was taken to be equally frequent";
  const given = "the labels were taken to be as frequent as was given";
  if (shares.length > MOST_SHARES) return given;
  const named = shares.map(({ label, share }) => `${visible(label)} ${share.toFixed(3)}`);
  return `${given}: ${named.join(", ")}`;
}

/** `2.1 points of accuracy, standard error 0.8, and 0.050 of log-loss, standard error 0.012` */
function gained(accuracy: MeasuredGain, logLoss: MeasuredGain): string {
  return (
    `${(100 * accuracy.gain).toFixed(1)} points of accuracy, standard error ` +
    `${(100 * accuracy.standardError).toFixed(1)}, and ${logLoss.gain.toFixed(3)} of log-loss, ` +
    `standard error ${logLoss.standardError.toFixed(3)}`
  );
}

function describeFineTuning(tuning: TaskManifest["fineTuning"]): string[] {
  if (tuning === undefined) return [];
  const { kept, gain, standardError, logLoss, frozen, tuned } = tuning;
  const nats = logLoss
    ? ` and ${logLoss.gain.toFixed(3)} of log-loss, standard error ${logLoss.standardError.toFixed(3)}`
    : "";
  return [
    `Fine-tuning gained ${(100 * gain).toFixed(1)} points of accuracy, standard error ` +
      `${(100 * standardError).toFixed(1)}${nats}: ${kept ? "kept" : "not kept, the base stays frozen"}.`,
    "",
    ...metricsTable([
      ["frozen", frozen],
      ["tuned", tuned],
    ]),
    "",
  ];
}

function describeCompared(title: string, metrics: ComparedMetrics): string[] {
  const baselines = Object.entries(metrics.baselines);
  return [
    `${title}, ${metrics.n} examples, 95 % intervals:`,
    "",
    ...metricsTable([["this task", metrics], ...baselines]),
    "",
  ];
}

/** The metrics of several heads or baselines, one line each. */
export function metricsTable(
  rows: readonly (readonly [name: string, metrics: SummaryMetrics])[],
): string[] {
  return textTable(
    ["", "accuracy", "balanced accuracy", "macro-F1", "log-loss"],
    rows.map(([name, { intervals, ...metrics }]) => [
      name,
      withInterval(metrics.accuracy, intervals.accuracy),
      withInterval(metrics.balancedAccuracy, intervals.balancedAccuracy),
      withInterval(metrics.macroF1, intervals.macroF1),
      withInterval(metrics.logLoss, intervals.logLoss),
    ]),
  );
}

/** `0.962 [0.949, 0.972]` */
export function withInterval(value: number, [low, high]: Interval): string {
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}
