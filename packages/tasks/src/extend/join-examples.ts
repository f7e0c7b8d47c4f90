import type { Dataset, Input, Platform, SingleLabelExample } from "@engraft/core";
import { DataError, type DataProblem, listProblems } from "@engraft/core";
import { compareCodePoints, digestOfInput, forEachConcurrent } from "@engraft/core/internal";
import type { RecordedExample } from "../format/files/record.js";

/** A label that new data contradicted. */
export interface ChangedLabel {
  /** Where the example came from at first. */
  readonly source: string;
  readonly was: string;
  readonly label: string;
}

/** Old and new examples as one data set, and what was new. */
export interface JoinedExamples {
  /** The old examples, some with another label, and after them the new ones. */
  readonly dataset: Dataset;
  readonly added: number;
  /** New examples that the task had already, with the same label. */
  readonly repeated: number;
  readonly relabelled: readonly ChangedLabel[];
}

export interface JoinOptions {
  /** What an old example was: its text, or its image. */
  readonly inputOf: (example: RecordedExample) => Input;
  /** What was left out of the old data; it stays in the records. */
  readonly skippedBefore: readonly DataProblem[];
  /** Leave out new examples that contradict one another. */
  readonly skipBad: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Images that are read at the same time for their digests. */
const FILES_IN_FLIGHT = 16;

/**
 * Joins new examples to those of a task. The same text or image again is not added: with the same
 * label it changes nothing, and with another one the new label replaces the old.
 *
 * @throws DataError when new examples contradict one another and `skipBad` is not set.
 */
export async function joinExamples(
  recorded: readonly RecordedExample[],
  more: Dataset,
  platform: Pick<Platform, "sha256">,
  { inputOf, skippedBefore, skipBad, signal }: JoinOptions,
): Promise<JoinedExamples> {
  const fresh = await withDigests(more.splits.train, platform, signal);
  const { labelOf, contradicting } = labelsByDigest(fresh);
  if (contradicting.length > 0 && !skipBad) throw contradiction(contradicting);

  const relabelled: ChangedLabel[] = [];
  const corrected = new Set<string>();
  const train = recorded.map((example): SingleLabelExample => {
    const { source, label: was, digest } = example;
    const label = labelOf.get(digest) ?? was;
    if (label !== was) {
      relabelled.push({ source, was, label });
      corrected.add(digest);
    }
    return { source, input: inputOf(example), target: { kind: "single", label } };
  });
  const seen = new Set(recorded.map(({ digest }) => digest));
  let repeated = 0;
  for (const { example, digest } of fresh) {
    // What cannot be read is reported with the rest of what cannot be decoded.
    if (digest !== undefined && !labelOf.has(digest)) continue;
    if (digest === undefined || !seen.has(digest)) train.push(example);
    else if (!corrected.has(digest)) repeated += 1;
    if (digest !== undefined) seen.add(digest);
  }
  return {
    dataset: joined(train, more, [...skippedBefore, ...contradicting]),
    added: train.length - recorded.length,
    repeated,
    relabelled,
  };
}

interface FreshExample {
  readonly example: SingleLabelExample;
  /** Undefined where its file cannot be read. */
  readonly digest: string | undefined;
}

async function withDigests(
  examples: readonly SingleLabelExample[],
  platform: Pick<Platform, "sha256">,
  signal: AbortSignal | undefined,
): Promise<FreshExample[]> {
  const fresh: FreshExample[] = [];
  const digest = async (position: number): Promise<void> => {
    const example = examples[position]!;
    const { input } = example;
    try {
      const found = await digestOfInput(input, platform);
      const known: Input = input.kind === "image" ? { ...input, digest: found } : input;
      fresh[position] = { example: { ...example, input: known }, digest: found };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      fresh[position] = { example, digest: undefined };
    }
  };
  await forEachConcurrent([...examples.keys()], FILES_IN_FLIGHT, digest, signal);
  return fresh;
}

/** The label of each content, where the new examples agree on it. */
function labelsByDigest(fresh: readonly FreshExample[]): {
  labelOf: ReadonlyMap<string, string>;
  contradicting: DataProblem[];
} {
  const labelOf = new Map<string, string>();
  const contradicted = new Set<string>();
  for (const { example, digest } of fresh) {
    const { label } = example.target;
    if (digest === undefined) continue;
    if ((labelOf.get(digest) ?? label) !== label) contradicted.add(digest);
    labelOf.set(digest, label);
  }
  for (const digest of contradicted) labelOf.delete(digest);
  const contradicting = fresh
    .filter(({ digest }) => digest !== undefined && contradicted.has(digest))
    .map(({ example: { source, target } }) => ({
      where: source,
      what: `has the label ${JSON.stringify(target.label)}, and the same example has another one`,
    }));
  return { labelOf, contradicting };
}

function contradiction(problems: readonly DataProblem[]): DataError {
  return new DataError(
    "data/invalid",
    `${problems.length} of the new examples contradict one another. Correct their labels, or go on ` +
      `without them (option skipBad):\n${listProblems(problems, MAX_LISTED)}`,
    { problems },
  );
}

const MAX_LISTED = 20;

function joined(
  train: readonly SingleLabelExample[],
  { modality, splits: { val, test }, unlabelled, skipped }: Dataset,
  skippedElsewhere: readonly DataProblem[],
): Dataset {
  const splits = { train, ...(val && { val }), ...(test && { test }) };
  const labels = new Set([train, val ?? [], test ?? []].flat().map(({ target }) => target.label));
  return {
    modality,
    labels: [...labels].sort(compareCodePoints),
    splits,
    unlabelled,
    skipped: [...skippedElsewhere, ...skipped],
  };
}
