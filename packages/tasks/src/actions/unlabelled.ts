import { type DataProblem, type Dataset, UsageError } from "@engraft/core";
import { unpredictable } from "../predict/unpredictable.js";
import { openInputs } from "../sources/open-inputs.js";
import type { NamedInput, UnlabelledSource } from "../sources/source.js";
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
  const { purpose: _, ...reading } = readingOf(options, "evaluate");
  const found: NamedInput[] = [];
  const problems: DataProblem[] = [];
  for (const part of partsOf(source)) {
    for await (const input of openInputs(part, host, { ...reading, modality: dataset.modality })) {
      if ("input" in input) found.push(input);
      else problems.push(input);
    }
  }
  if (problems.length > 0 && !options.skipBad) throw unpredictable(problems);
  const unlabelled = [...(dataset.unlabelled ?? []), ...found];
  if (unlabelled.length > MOST_UNLABELLED) {
    throw new UsageError(
      `${unlabelled.length} unlabelled examples are too many: at most ${MOST_UNLABELLED} can be ` +
        "learned from. Give a part of them, drawn at random.",
    );
  }
  return { ...dataset, unlabelled, skipped: [...dataset.skipped, ...problems] };
}

function partsOf(source: UnlabelledSource | UnlabelledPlaces | undefined): UnlabelledSource[] {
  if (source === undefined) return [];
  return typeof source === "object" && "places" in source ? [...source.places] : [source];
}
