import type { SummaryMetrics, TaskManifest } from "@engraft/tasks";

/** What a view says of how good a task is. */
export interface Quality {
  /** How often it is right, or that this is not known. */
  readonly headline: string;
  /** When it was trained. */
  readonly date: string;
  /** How it was measured. */
  readonly details: readonly string[];
}

/** How good a task is, in sentences. */
export function qualityOf({ evaluation, modality, createdAt }: TaskManifest): Quality {
  const { outOfFold, val, test, method } = evaluation;
  const date = `Trained on ${dateOf(createdAt)}.`;
  if (outOfFold === undefined) {
    return {
      headline:
        "Nothing measured this task: it was started from the names of its labels, and how often it is " +
        "right is not known.",
      date,
      details: [],
    };
  }
  return {
    headline: `Right on ${sentence(outOfFold)} of ${outOfFold.n} ${modality}s that it had not seen.`,
    date,
    details: [
      `Measured out of fold: ${method}.`,
      ...(val === undefined ? [] : [`On the val split: ${sentence(val)} of ${val.n}.`]),
      ...(test === undefined ? [] : [`On the test split: ${sentence(test)} of ${test.n}.`]),
    ],
  };
}

/** `94.0 % (95 % interval 90.1 to 96.8 %)` */
function sentence({ accuracy, intervals }: SummaryMetrics): string {
  const [low, high] = intervals.accuracy;
  return `${tenths(accuracy)} % (95 % interval ${tenths(low)} to ${tenths(high)} %)`;
}

function tenths(share: number): string {
  return (100 * share).toFixed(1);
}

function dateOf(createdAt: string): string {
  const date = new Date(createdAt);
  if (Number.isNaN(date.getTime())) return createdAt;
  return date.toLocaleDateString("en-GB", { dateStyle: "long", timeZone: "UTC" });
}

/** What is known of answers of at least so high a probability, as a sentence; undefined: nothing. */
export function promiseAt(threshold: number, { trust }: TaskManifest): string | undefined {
  if (threshold <= 0) return undefined;
  const kept = trust?.abstaining
    .filter((entry) => entry.threshold <= threshold + 1e-9)
    .sort((a, b) => a.maxError - b.maxError)[0];
  if (kept === undefined) return undefined;
  return (
    `Of examples that it had not seen, ${share(kept.coverage)} had an answer of ` +
    `${share(kept.threshold)} or more, and at most ${share(kept.maxError)} of these answers were wrong.`
  );
}

function share(value: number): string {
  return `${Number((100 * value).toFixed(1))} %`;
}
