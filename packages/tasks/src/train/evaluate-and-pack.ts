import type { BaseModel, BaseSpec, Platform } from "@engraft/core";
import type { LabelledFeatures, RowPredictions } from "@engraft/core/internal";
import {
  baselineRecipe,
  embeddingsOf,
  GRAPH_VIEW,
  gather,
  keptCount,
  lastLayerRecipe,
  meanPrediction,
  NAMES_VIEW,
  shareOfUnlike,
  taughtCount,
  usedViews,
} from "@engraft/core/internal";
import type { Measurement } from "../format/files/measurement.js";
import type { MovedAnswers, TaskRecord } from "../format/files/record.js";
import type { NamesRecord, UnlabelledRecord } from "../format/manifest/beside-labels.js";
import type { TrainConfig } from "../format/manifest/config.js";
import type { ComparedMetrics } from "../format/manifest/manifest.js";
import { measureTrust } from "../format/manifest/trust.js";
import type { TrainedTask } from "../predict/open-task.js";
import { namedShares } from "./data/class-shares.js";
import type { FeatureDataset } from "./data/extract-dataset.js";
import { overlapOf } from "./data/group-examples.js";
import type { PreparedTraining } from "./data/prepare-training.js";
import {
  type Candidates,
  type CrossValidation,
  type FittedCandidates,
  LABELS_AND_NAMES,
  LABELS_ONLY,
  predictCandidates,
  stackRecipes,
} from "./measure/cross-validate.js";
import { comparedMetrics, type Truth } from "./measure/metrics.js";
import { answersMoved } from "./moved-answers.js";
import { packTask } from "./pack.js";
import type { FineTuning } from "./tuning/fine-tune.js";
import { gainsOver } from "./tuning/gate.js";

/** What a head is made of on a base, and what it is compared with. */
export function candidatesOf(
  spec: BaseSpec,
  config: TrainConfig,
  examples: Pick<LabelledFeatures, "names">,
): Candidates {
  return {
    recipes: stackRecipes(spec, config, examples),
    baselines: [baselineRecipe(spec), lastLayerRecipe(spec)],
  };
}

/** Splits that only measure. */
const OTHER_SPLITS = ["val", "test"] as const;

/** The other splits that there are. */
function otherSplits({ otherSplits }: FeatureDataset): (typeof OTHER_SPLITS)[number][] {
  return OTHER_SPLITS.filter((split) => otherSplits[split].length > 0);
}

/** The rows of each. */
export function otherRows(data: FeatureDataset): Int32Array[] {
  return otherSplits(data).map((split) => data.otherSplits[split]);
}

export function rowsToTrainOn({ trainRows }: FeatureDataset): Int32Array {
  return Int32Array.from({ length: trainRows }, (_, row) => row);
}

export function truthOf({ data, examples }: Pick<PreparedTraining, "data" | "examples">): Truth {
  return { targets: examples.targets, groups: examples.groups, labels: data.labels };
}

/** What is to be fitted at the end: without other splits, nothing is compared with baselines there. */
export function measuredAtTheEnd(data: FeatureDataset, candidates: Candidates): Candidates {
  return otherRows(data).length > 0 ? candidates : { ...candidates, baselines: [] };
}

/** A head that was measured and fitted, and how. */
export interface FinishedFit {
  readonly candidates: Candidates;
  readonly heldOut: CrossValidation;
  /** Fitted to all training rows. */
  readonly final: FittedCandidates;
  readonly tuning?: FineTuning | undefined;
  /** How `heldOut` was measured, in words. */
  readonly method: string;
  readonly measurement: Measurement | undefined;
  /** What names were worth when the settings of the head were chosen, where they were chosen before. */
  readonly namesBefore?: NamesRecord | undefined;
  readonly version: string;
  readonly startedAt: number;
}

/** Measures what was fitted, on other splits too, and makes it a task. */
export async function evaluateAndPack(
  base: BaseModel,
  prepared: Omit<PreparedTraining, "plan" | "random">,
  config: TrainConfig,
  platform: Platform,
  fit: FinishedFit,
): Promise<TrainedTask> {
  const { data, examples, nearDuplicates } = prepared;
  const { candidates, heldOut, final, method, measurement, version, startedAt } = fit;
  const { record: fineTuning, kept } = fit.tuning ?? { record: undefined, kept: undefined };
  const truth = truthOf(prepared);
  const needless = needlessBaseline(fit);
  const isTold = ([name]: readonly [string, unknown]): boolean => name !== needless;
  const measured: { val?: ComparedMetrics; test?: ComparedMetrics } = {};
  for (const [index, split] of otherSplits(data).entries()) {
    const rows = data.otherSplits[split];
    const { head, baselines } = await predictCandidates(
      final,
      examples,
      rows,
      candidates,
      platform,
    );
    const alone = new Map(
      Array.from(baselines)
        .filter(isTold)
        .map(([name, prediction]) => [name, [prediction]]),
    );
    const tuned = kept?.predictions[index];
    if (tuned !== undefined) alone.set("frozen", [head]);
    measured[split] = comparedMetrics({ head: [tuned ?? head], baselines: alone }, truth);
  }
  const evaluation = {
    method,
    outOfFold:
      kept?.outOfFold ??
      comparedMetrics(
        { ...heldOut, baselines: new Map([...heldOut.baselines].filter(isTold)) },
        truth,
      ),
    ...measured,
  };
  const outOfFold = meanPrediction(kept?.heldOut ?? heldOut.head);
  const { record: unlabelled, moved } = await unlabelledRecord(base.spec, prepared, fit, platform);
  return packTask(kept?.head ?? final.head, base, config, data, platform, {
    nearDuplicates,
    overlap: overlapOf(data),
    evaluation,
    trust: measureTrust(outOfFold, examples.targets),
    examples: config.keepExamples
      ? { ...recordOf(prepared, outOfFold, base.spec), ...(kept ? {} : { measurement, moved }) }
      : undefined,
    agreement: kept ? undefined : heldOut.agreement,
    unlabelled,
    names: namesRecord(prepared, fit),
    fineTuning,
    adapterFile: kept?.adapterFile,
    version,
    startedAt,
  });
}

/** The baseline that is the same as another one, or as the task, because names were read in vain. */
function needlessBaseline({ candidates, heldOut, final }: FinishedFit): string | undefined {
  const areRead = candidates.recipes.some(({ name }) => name === NAMES_VIEW);
  if (!areRead || [...heldOut.fitted, final].some(({ help }) => help?.names)) return undefined;
  return heldOut.baselines.has(LABELS_AND_NAMES) ? LABELS_AND_NAMES : LABELS_ONLY;
}

/** What the unlabelled examples were worth, and what they changed. */
async function unlabelledRecord(
  spec: BaseSpec,
  prepared: Omit<PreparedTraining, "plan" | "random">,
  fit: FinishedFit,
  { linearAlgebra }: Platform,
): Promise<{ record?: UnlabelledRecord; moved?: MovedAnswers }> {
  const { data, examples, unlabelled, classShares } = prepared;
  const { heldOut, final, tuning } = fit;
  const given = data.unlabelled.length;
  if (given === 0) return {};
  const baseline = examples.names ? LABELS_AND_NAMES : LABELS_ONLY;
  const before = heldOut.baselines.get(baseline);
  const record = {
    given,
    copies: given - unlabelled.length,
    ...(classShares && {
      classShares: namedShares(data.labels, classShares),
    }),
    ...taughtOf(unlabelled.length, data.labels.length),
    ...keptOf(unlabelled.length, fit),
    used: final.help?.unlabelled === true && tuning?.kept === undefined,
  };
  if (before === undefined) return { record };
  const without = final.withLess?.get(baseline);
  const moved = await answersMoved(
    { outOfFold: heldOut.head, without: before },
    record.used && without ? { head: final.head, without } : undefined,
    prepared,
    linearAlgebra,
  );
  const trainRows = rowsToTrainOn(data);
  const unlike = await shareOfUnlike(
    {
      embeddings: embeddingsOf(examples.table, spec, trainRows),
      targets: gather(examples.targets, trainRows),
      groups: gather(examples.groups, trainRows),
    },
    embeddingsOf(examples.table, spec, unlabelled),
    linearAlgebra,
  );
  return {
    record: {
      ...record,
      ...gainsOver(before, heldOut.head, examples),
      ...(unlike && { unlike }),
      moved: moved.counts,
    },
    moved: moved.answers,
  };
}

/** How many unlabelled rows students learn from, where these are not all. */
export function taughtOf(rows: number, classes: number): Pick<UnlabelledRecord, "taught"> {
  const taught = taughtCount(rows, classes);
  return taught < rows ? { taught } : {};
}

/** How many of so many unlabelled rows the head keeps, where its view on them has weight. */
function keptOf(rows: number, { final, tuning }: FinishedFit): Pick<UnlabelledRecord, "kept"> {
  const isKept = usedViews(final.head).some(({ view }) => view.recipe.name === GRAPH_VIEW);
  return isKept && tuning?.kept === undefined ? { kept: keptCount(rows) } : {};
}

/** What the names of the labels were worth. */
function namesRecord(
  { examples }: Pick<PreparedTraining, "examples">,
  { heldOut, final, tuning, namesBefore }: FinishedFit,
): NamesRecord | undefined {
  if (examples.names === undefined) return undefined;
  const before = heldOut.baselines.get(LABELS_ONLY);
  if (before === undefined) return namesBefore;
  return {
    described: examples.names.areDescriptions,
    used: final.help?.names === true && tuning?.kept === undefined,
    ...gainsOver(before, heldOut.baselines.get(LABELS_AND_NAMES) ?? heldOut.head, examples),
  };
}

/** What a task remembers of its training rows. */
export function recordOf(
  { data, examples: { groups, targets, table } }: Pick<PreparedTraining, "data" | "examples">,
  outOfFold: RowPredictions,
  spec: BaseSpec,
): TaskRecord {
  const { inputs, sources, digests, labels, trainRows } = data;
  return {
    examples: inputs.slice(0, trainRows).map((input, row) => ({
      source: sources[row]!,
      label: labels[targets[row]!]!,
      digest: digests[row]!,
      text: input.kind === "text" ? input.text : undefined,
    })),
    outOfFold,
    embeddings: embeddingsOf(table, spec, trainRows),
    groups: groups.subarray(0, trainRows),
  };
}
