import { type DataProblem, type Dataset, UsageError } from "@engraft/core";
import { compareCodePoints } from "@engraft/core/internal";
import type { Host } from "../host.js";
import { unpredictable } from "../predict/unpredictable.js";
import { openInputs } from "../sources/open-inputs.js";
import type { NamedInput, ReadInputsOptions, UnlabelledSource } from "../sources/source.js";
import type { Workspace } from "../workspace.js";
import { readingOf, type WorkOptions } from "./options.js";

/** Several places of unlabelled examples. */
export interface UnlabelledPlaces {
  readonly places: readonly string[];
}

/** More would not fit in memory beside their layers. */
const MOST_UNLABELLED = 100_000;

/**
 * Adds examples without a label to a data set.
 *
 * @throws DataError when some cannot be read and `skipBad` is not set.
 * @throws UsageError when there are more than 100,000.
 */
export async function withUnlabelled(
  dataset: Dataset,
  source: UnlabelledSource | UnlabelledPlaces | undefined,
  options: WorkOptions,
  { host }: Workspace,
): Promise<Dataset> {
  const { modality } = dataset;
  const { purpose: _, ...reading } = readingOf(options, "evaluate");
  const { inputs, problems } = await collectInputs(source, { ...reading, modality }, host);
  const unlabelled = [...(dataset.unlabelled ?? []), ...inputs];
  requireNotTooMany(unlabelled.length);
  return { ...dataset, unlabelled, skipped: [...dataset.skipped, ...problems] };
}

/** Inputs that are held in memory, and what could not be read. */
interface CollectedInputs {
  readonly inputs: readonly NamedInput[];
  readonly problems: readonly DataProblem[];
}

/**
 * Reads all inputs of a source.
 *
 * @throws DataError when some cannot be read and `skipBad` is not set.
 * @throws UsageError when there are more than 100,000.
 */
export async function collectInputs(
  source: UnlabelledSource | UnlabelledPlaces | undefined,
  reading: ReadInputsOptions & Pick<WorkOptions, "skipBad">,
  host: Host,
): Promise<CollectedInputs> {
  const inputs: NamedInput[] = [];
  const problems: DataProblem[] = [];
  for (const part of partsOf(source)) {
    for await (const input of openInputs(part, host, reading)) {
      if ("input" in input) inputs.push(input);
      else problems.push(input);
      requireNotTooMany(inputs.length);
    }
  }
  if (problems.length > 0 && !reading.skipBad) throw unpredictable(problems);
  return { inputs, problems };
}

function requireNotTooMany(count: number): void {
  if (count <= MOST_UNLABELLED) return;
  throw new UsageError(
    `There are more than ${MOST_UNLABELLED} unlabelled examples, which is too many. Give a part of ` +
      "them, drawn at random.",
  );
}

/**
 * A data set without a label: texts that a task is started from.
 *
 * @param labels - What the task is to tell apart.
 * @throws UsageError when there are fewer than two labels, or the data has labels of its own.
 */
export async function withoutLabels(
  source: UnlabelledSource,
  labels: readonly string[],
  options: WorkOptions,
  workspace: Workspace,
): Promise<Dataset> {
  const names = new Set(labels.map((label) => label.trim()));
  if (names.size < 2 || names.size < labels.length || names.has("")) {
    throw new UsageError(
      "Name two or more labels, each once (option labels). " +
        `Given: ${labels.map((label) => JSON.stringify(label)).join(", ") || "none"}.`,
    );
  }
  const { purpose: _, ...reading } = readingOf(options, "evaluate");
  const asked = { ...reading, modality: "text", labels: true } as const;
  const { inputs, problems } = await collectInputs(source, asked, workspace.host);
  requireNoLabels(inputs);
  return {
    modality: "text",
    labels: [...names].sort(compareCodePoints),
    splits: { train: [] },
    unlabelled: inputs,
    skipped: problems,
  };
}

/** Labels that are there must not be passed over. */
function requireNoLabels(inputs: readonly NamedInput[]): void {
  const found = [...new Set(inputs.flatMap(({ label }) => label ?? []))];
  if (found.length === 0) return;
  const few = found.slice(0, 5).map((label) => JSON.stringify(label));
  throw new UsageError(
    `The data has labels already: ${few.join(", ")}${found.length > few.length ? " and more" : ""}. ` +
      "Labels can be named (option labels) for data without any. Leave them out, or take the labels " +
      "out of the data.",
  );
}

function partsOf(source: UnlabelledSource | UnlabelledPlaces | undefined): UnlabelledSource[] {
  if (source === undefined) return [];
  return typeof source === "object" && "places" in source ? [...source.places] : [source];
}
