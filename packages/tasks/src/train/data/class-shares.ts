import { type Dataset, UsageError } from "@engraft/core";
import { visible } from "@engraft/core/escape";
import type { ClassShare } from "../../format/manifest/beside-labels.js";

/** What part of the unlabelled examples has each label, by label: above 0, 1 in all. */
export type ClassShares = ReadonlyMap<string, number> | Readonly<Record<string, number>>;

/** Shares that are written with two digits need not sum to 1 exactly. */
const ROUNDING = 0.015;

/** The shares as a task keeps them. */
export function namedShares(labels: readonly string[], shares: Float64Array): ClassShare[] {
  return labels.map((label, index) => ({ label, share: shares[index]! }));
}

/**
 * The shares of the labels of a data set, in their order, with a sum of 1; undefined where none are given.
 *
 * @throws UsageError where they are not shares of its labels, or nothing is unlabelled.
 */
export function classSharesOf(
  given: ClassShares | undefined,
  { labels, unlabelled = [] }: Pick<Dataset, "labels" | "unlabelled">,
): Float64Array | undefined {
  if (given === undefined) return undefined;
  const shares = given instanceof Map ? given : new Map(Object.entries(given));
  if (unlabelled.length === 0) {
    throw new UsageError(
      "Shares of the labels (option classShares) say how often each label occurs among unlabelled " +
        "examples, and there are none. Give unlabelled examples too (option unlabelled), or leave " +
        "the shares out.",
    );
  }
  const unknown = [...shares.keys()].filter((label) => !labels.includes(label));
  if (unknown.length > 0) {
    throw new UsageError(
      `Shares (option classShares) are given of labels that the data does not have: ${list(unknown)}. ` +
        `Its labels are ${list(labels)}.`,
    );
  }
  const missing = labels.filter((label) => !shares.has(label));
  if (missing.length > 0) {
    throw new UsageError(
      `Shares (option classShares) are missing of ${list(missing)}. Give one for each label, 1 in all.`,
    );
  }
  const values = Float64Array.from(labels, (label) => shares.get(label)!);
  const wrong = labels.filter((_, index) => !(values[index]! > 0 && values[index]! <= 1));
  if (wrong.length > 0) {
    throw new UsageError(
      `A share (option classShares) is a number above 0, up to 1; that of ${list(wrong)} is not. ` +
        "A label that does not occur among the unlabelled examples gets a small one, such as 0.001.",
    );
  }
  const sum = values.reduce((total, value) => total + value, 0);
  if (Math.abs(sum - 1) > ROUNDING) {
    throw new UsageError(
      `The shares of the labels (option classShares) sum to ${Number(sum.toFixed(4))}, and should sum ` +
        "to 1: they are parts of all unlabelled examples. Divide each by their sum.",
    );
  }
  return values.map((value) => value / sum);
}

const MOST_LISTED = 10;

function list(labels: readonly string[]): string {
  const named = labels.slice(0, MOST_LISTED).map((label) => `"${visible(label)}"`);
  const more = labels.length > MOST_LISTED ? ` and ${labels.length - MOST_LISTED} more` : "";
  return named.join(", ") + more;
}
