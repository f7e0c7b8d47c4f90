import type { TaskManifest } from "@engraft/tasks/predict";
import type { ReportData } from "../../data/report-data.js";
import { type Html, html } from "../../html/html.js";
import { absent, facts, type Section, table } from "../../html/parts.js";
import { percent, withInterval } from "../../numbers.js";
import { settingsOf } from "../../settings.js";

type Tuning = NonNullable<TaskManifest["fineTuning"]>;

/** What fine-tuning the base gained. */
export function fineTuning({ manifest }: ReportData): Section {
  const { fineTuning: tuning } = manifest;
  return {
    id: "fine-tuning",
    title: "Fine-tuning",
    body:
      tuning === undefined
        ? absent("The base was not fine-tuned: it is frozen, as it came.")
        : tuningDetails(tuning),
  };
}

function tuningDetails(tuning: Tuning): Html {
  const { kept, gain, standardError, logLoss, frozen, tuned, config } = tuning;
  const verdict = kept ? "The tuned base is kept" : "The frozen base is kept";
  return html`<p>${verdict}: tuning gains ${percent(gain)} of accuracy out of fold, with a standard error of
${percent(standardError)}${
  logLoss &&
  html`, and ${logLoss.gain.toFixed(3)} of log-loss, with one of ${logLoss.standardError.toFixed(3)}. It is kept
where the gain in log-loss is above ${standardErrors(config.margin)} and accuracy is not worse by more than one
standard error`
}.</p>
${table(
  ["", "accuracy", "balanced accuracy", "macro-F1", "log-loss"],
  [["frozen", frozen] as const, ["tuned", tuned] as const].map(
    ([name, { accuracy, balancedAccuracy, macroF1, logLoss, intervals }]) => [
      name,
      withInterval(accuracy, intervals.accuracy),
      withInterval(balancedAccuracy, intervals.balancedAccuracy),
      withInterval(macroF1, intervals.macroF1),
      withInterval(logLoss, intervals.logLoss),
    ],
  ),
)}
${facts(settingsOf(config))}`;
}

/** `0`, `one standard error`, `0.25 standard errors` */
function standardErrors(margin: number): string {
  if (margin === 0) return "0";
  return margin === 1 ? "one standard error" : `${margin} standard errors`;
}
