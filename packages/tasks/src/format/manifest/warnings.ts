import {
  codePointsOf,
  type LookAlikeLabels,
  lookAlikeLabels,
  spellOut,
  type Truncation,
} from "@engraft/core/predict";
import { isMeasured, type TaskManifest } from "./manifest.js";

/** What a user should know before believing metrics, as sentences. */

/** Most groups of labels that a warning lists. */
const MOST_GROUPS = 10;

/**
 * That texts are longer than the base model of a task reads; undefined where none is.
 *
 * @param raise - How to have more tokens read, where the base model can read so many.
 */
export function truncationWarning(
  truncation: Truncation | undefined,
  { preprocessing }: Pick<TaskManifest, "preprocessing">,
  raise = (positions: number): string => `train with a limit of ${positions} (option maxTokens)`,
): string | undefined {
  if (truncation === undefined || truncation.truncated === 0) return undefined;
  if (preprocessing.kind !== "text") return undefined;
  const { texts, truncated, share, markup } = truncation;
  const { maxTokens, positions } = preprocessing;
  const tags =
    markup === 0
      ? ""
      : ` ${markup} of them have HTML tags, which count as tokens: remove the markup first.`;
  const more =
    maxTokens < positions
      ? ` The base model can read up to ${positions}: ${raise(positions)}.`
      : "";
  return (
    `${truncated} of ${texts} texts are longer than the ${maxTokens} tokens that the base model ` +
    `reads; it did not read ${percent(share)} of their tokens.${tags} Put first what tells the ` +
    `labels apart, or shorten the texts.${more}`
  );
}

/** That nothing measured a task; undefined where it was measured. */
export function unmeasuredWarning(manifest: TaskManifest): string | undefined {
  if (isMeasured(manifest)) return undefined;
  return (
    "Nothing measured this task: it was started from the names of its labels, and how often it is " +
    "right is not known. Label some examples, and extend the task with them."
  );
}

/** That labels look alike; undefined where none do. */
export function lookAlikeWarning(groups: readonly LookAlikeLabels[]): string | undefined {
  if (groups.length === 0) return undefined;
  const listed = groups
    .slice(0, MOST_GROUPS)
    .map((group) =>
      group
        .map(({ label, examples }) => `${spellOut(label)} (${counted(examples, "example")})`)
        .join(" and "),
    )
    .join("; ");
  const rest = groups.length - MOST_GROUPS;
  return (
    `Labels that look alike are different labels: ${listed}${rest > 0 ? `; ${rest} more groups` : ""}. ` +
    "If they mean the same, write them in one way in the data and train again."
  );
}

/** That metrics are of examples that a task was trained on; undefined where they are not. */
export function trainedOnWarning(trainedOn: number | undefined, n: number): string | undefined {
  if (trainedOn === undefined || trainedOn === 0) return undefined;
  const which = trainedOn === n ? `all ${n}` : `${trainedOn} of ${n}`;
  return (
    `The task was trained on ${which} examples that it is measured on; the metrics are too good. ` +
    "Measure on other examples, or see the metrics out of fold that training printed."
  );
}

function overlapWarning(
  split: string,
  overlap: number | undefined,
  n: number | undefined,
): string | undefined {
  if (overlap === undefined || overlap === 0 || n === undefined) return undefined;
  return (
    `${overlap} of ${n} examples of the ${split} split are training examples too; ` +
    "the metrics of that split are too good. Leave them out of one of the splits."
  );
}

/**
 * That most unlabelled examples look unlike the labelled ones; undefined where that is not sure. Where
 * they are the larger part, what they say of the labels is mostly about something else.
 */
export function unlikeWarning(unlabelled: TaskManifest["unlabelled"]): string | undefined {
  if (unlabelled?.unlike === undefined) return undefined;
  const { share, standardError } = unlabelled.unlike;
  if (share - standardError < MOST) return undefined;
  return (
    `About ${percent(share)} of the unlabelled examples look unlike the labelled ones (standard error ` +
    `${percent(standardError)}). They can teach little about the labels: give unlabelled examples ` +
    "from where the labelled ones came from, or label some of these."
  );
}

/** The larger part. */
const MOST = 0.5;

/** The warnings that hold for a task whenever it is trained. */
export function trainingWarnings(manifest: TaskManifest): string[] {
  const { dataset, evaluation, unlabelled } = manifest;
  return [
    ...(["val", "test"] as const).map((split) =>
      overlapWarning(split, dataset.overlap?.[split], evaluation[split]?.n),
    ),
    lookAlikeWarning(lookAlikeLabels(dataset.perLabel)),
    truncationWarning(dataset.truncation, manifest),
    unlikeWarning(unlabelled),
  ].filter((warning) => warning !== undefined);
}

/** Labels of a task that look alike, for programs: groups with counts and code points. */
export function lookAlikesJson({ dataset }: Pick<TaskManifest, "dataset">): object[] {
  return lookAlikeLabels(dataset.perLabel).map((group) =>
    group.map((counted) => ({ ...counted, codePoints: codePointsOf(counted.label) })),
  );
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? "less than 1 %" : `${Math.round(100 * share)} %`;
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
