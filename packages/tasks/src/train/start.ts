import type { BaseModel, Dataset, Platform } from "@engraft/core";
import { createRandom, DataError, UsageError } from "@engraft/core";
import {
  learnFromNames,
  namesRecipe,
  readUnlabelled,
  type StackedHead,
} from "@engraft/core/internal";
import type { TrainConfig } from "../format/manifest/config.js";
import type { TrainedTask } from "../predict/open-task.js";
import { classSharesOf, namedShares } from "./data/class-shares.js";
import { extractDataset, type FeatureDataset } from "./data/extract-dataset.js";
import { readLabelNames, requireUsableDescriptions } from "./data/label-names.js";
import { recordOf, taughtOf } from "./evaluate-and-pack.js";
import { stackRecipes } from "./measure/cross-validate.js";
import { packTask } from "./pack.js";
import { LEAST_UNLABELLED, type TrainTaskOptions, withMaxTokens } from "./train.js";

/**
 * A task from the names of its labels and from examples without a label. Nothing measures it: it is a
 * start, until some examples are labelled and the task is extended with them.
 *
 * @param dataset - Without labelled examples.
 * @throws DataError when examples cannot be decoded, or there are fewer than 20.
 * @throws UsageError when the configuration asks for something else than a stack of views.
 */
export async function startTask(
  given: BaseModel,
  dataset: Dataset,
  config: TrainConfig,
  platform: Platform,
  options: TrainTaskOptions,
): Promise<TrainedTask> {
  requireStack(config);
  requireNothingKept(options);
  requireUsableDescriptions(config, given.spec, dataset.labels);
  const base = withMaxTokens(given, config.maxTokens);
  const data = await extractDataset(base, dataset, platform, options);
  const { unlabelled } = data;
  if (unlabelled.length < LEAST_UNLABELLED) {
    throw new DataError(
      "data/too-few",
      `Without labels, at least ${LEAST_UNLABELLED} examples are needed to learn from; there are ` +
        `${unlabelled.length}. Add examples, or label some.`,
    );
  }
  const classShares = classSharesOf(options.classShares, dataset);
  const head = await learnHead(base, data, classShares, config, platform, options);
  const nothing = new Int32Array(0);
  const outOfFold = {
    rows: nothing,
    logProbabilities: { rows: 0, cols: data.labels.length, data: new Float64Array(0) },
  };
  const prepared = { data, examples: { ...data.examples, groups: nothing } };
  return packTask(head, base, config, data, platform, {
    nearDuplicates: 0,
    overlap: {},
    evaluation: { method: "not measured: no example has a label" },
    trust: undefined,
    examples: config.keepExamples ? recordOf(prepared, outOfFold, base.spec) : undefined,
    unlabelled: {
      given: unlabelled.length,
      copies: 0,
      ...(classShares && { classShares: namedShares(data.labels, classShares) }),
      ...taughtOf(unlabelled.length, data.labels.length),
      used: true,
    },
    version: options.version,
    startedAt: options.startedAt,
  });
}

function requireStack({ views, head, fineTune }: TrainConfig): void {
  if (views === "auto" && head === "logistic" && fineTune === undefined) return;
  throw new UsageError(
    "Without labelled examples a task is a stack of views on a frozen base. Leave out the options " +
      "views, head and fineTune.",
  );
}

function requireNothingKept({ keepUnlabelled = false }: TrainTaskOptions): void {
  if (!keepUnlabelled) return;
  throw new UsageError(
    "Vectors of unlabelled examples are kept to spread labels to their neighbours (option " +
      "keepUnlabelled), and no example has a label yet. Leave the option out, and extend the task with it.",
  );
}

async function learnHead(
  base: BaseModel,
  data: FeatureDataset,
  classShares: Float64Array | undefined,
  config: TrainConfig,
  platform: Platform,
  options: TrainTaskOptions,
): Promise<StackedHead> {
  const { unlabelled } = data;
  const { linearAlgebra } = platform;
  const { signal, onProgress } = options;
  const names = await readLabelNames(base, data, unlabelled, config, platform, options);
  if (names === undefined)
    throw new Error("internal: a start is made of a stack of views on texts");
  onProgress?.({ phase: "unlabelled", done: 0, total: 1 });
  const examples = { ...data.examples, groups: new Int32Array(0), names };
  const { spec } = base;
  const views = stackRecipes(spec, config, {});
  const none = new Int32Array(0);
  const read = await readUnlabelled(examples, views, unlabelled, none, {
    linearAlgebra,
    signal,
    classShares,
  });
  return learnFromNames(examples, namesRecipe(spec), read, {
    linearAlgebra,
    random: createRandom(config.seed),
    classWeights: config.classWeights,
    signal,
  });
}
