import type { TaskManifest } from "@engraft/tasks/predict";
import type { ReportData } from "../../data/report-data.js";
import { type Html, html } from "../../html/html.js";
import { absent, type Section, table } from "../../html/parts.js";
import { count, decimal, percent } from "../../numbers.js";
import { movedAnswers } from "../examples/moved-answers.js";

/** What unlabelled examples and the names of the labels were worth. */
export function besideLabels(data: ReportData): Section {
  const { names, unlabelled } = data.manifest;
  return {
    id: "beside-labels",
    title: "Beside the labels",
    body:
      names === undefined && unlabelled === undefined
        ? absent(
            "The task learned from labelled examples alone. Unlabelled ones, and for texts with few " +
              "labels descriptions of these, often help (options unlabelled and descriptions).",
          )
        : html`<p>What there was beside labels is learned from only where the log-loss is less with it, in folds
inside of each training part. The gains are out of fold, on the same examples, with their standard errors.</p>
${table(
  ["", "gain in accuracy", "gain in log-loss", ""],
  [...(names ? [rowOfNames(names)] : []), ...(unlabelled ? [rowOfUnlabelled(unlabelled)] : [])],
)}
${unlabelled && html`${unlabelledDetails(unlabelled)}${movedAnswers(data, unlabelled)}`}`,
  };
}

type Names = NonNullable<TaskManifest["names"]>;
type Unlabelled = NonNullable<TaskManifest["unlabelled"]>;

function rowOfNames({ described, used, accuracy, logLoss }: Names): string[] {
  const what = described ? "descriptions of the labels" : "names of the labels";
  return [what, points(accuracy), nats(logLoss), verdict(used)];
}

function rowOfUnlabelled({ given, used, accuracy, logLoss }: Unlabelled): string[] {
  const what = `${count(given)} unlabelled examples`;
  if (accuracy === undefined || logLoss === undefined)
    return [what, "", "", "too few to learn from"];
  return [what, points(accuracy), nats(logLoss), verdict(used)];
}

function unlabelledDetails({ copies, classShares, kept, unlike }: Unlabelled): Html {
  const left =
    copies > 0
      ? `${count(copies)} of the unlabelled examples are copies of labelled ones, or nearly so, and were left out.`
      : "None of the unlabelled examples is a copy of a labelled one.";
  const shares =
    classShares === undefined
      ? "All labels are taken to be equally frequent among them."
      : `Taken to be among them: ${classShares.map(({ label, share }) => `${label} ${percent(share, 0)}`).join(", ")}.`;
  const vectors =
    kept === undefined
      ? "The task keeps none of them."
      : `The task keeps vectors of ${count(kept)} of them, and classifies by their neighbours too.`;
  return html`<p dir="auto">${left} ${shares}${unlike && html` ${unlikeSentence(unlike)}`} ${vectors}</p>`;
}

/** By nearest neighbours, and where the share is no more than chance, as none. */
function unlikeSentence({ share, standardError }: NonNullable<Unlabelled["unlike"]>): string {
  const how = "by the nearest neighbours in the last layer";
  if (share <= standardError) return `They look like the labelled examples, ${how}.`;
  return `About ${percent(share, 0)} of them look unlike the labelled examples, ${how} (standard error ${percent(standardError, 0)}).`;
}

type Gain = NonNullable<Unlabelled["accuracy"]>;

/** `2.1 ± 0.8 points` */
function points({ gain, standardError }: Gain): string {
  return `${(100 * gain).toFixed(1)} ± ${(100 * standardError).toFixed(1)} points`;
}

function nats({ gain, standardError }: Gain): string {
  return `${decimal(gain)} ± ${decimal(standardError)}`;
}

function verdict(used: boolean): string {
  return used ? "used" : "not used";
}
