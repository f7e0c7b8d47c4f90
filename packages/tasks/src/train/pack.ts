import type { BaseModel, Platform } from "@engraft/core";
import type { StackedHead } from "@engraft/core/internal";
import {
  ADAPTER_FILE,
  canonicalJson,
  columnsOf,
  monotonicTime,
  stackedHeadModel,
  usedViews,
} from "@engraft/core/internal";
import { encodeModel } from "@engraft/onnx/graph";
import { encodeRecord, type TaskRecord } from "../format/files/record.js";
import { encodeVocabulary } from "../format/files/vocabulary.js";
import type { NamesRecord, UnlabelledRecord } from "../format/manifest/beside-labels.js";
import type { TrainConfig } from "../format/manifest/config.js";
import type {
  FineTuningRecord,
  Overlap,
  TaskManifest,
  TaskView,
} from "../format/manifest/manifest.js";
import { HEAD_FILE, VOCABULARY_FILE } from "../format/manifest/task-files.js";
import type { Trust } from "../format/manifest/trust.js";
import type { TrainedTask } from "../predict/open-task.js";
import type { FeatureDataset } from "./data/extract-dataset.js";

/** What is known about a training apart from the head itself. */
export interface TrainingRecord {
  readonly nearDuplicates: number;
  readonly overlap: Overlap;
  readonly evaluation: TaskManifest["evaluation"];
  /** Undefined where nothing was measured. */
  readonly trust: Trust | undefined;
  /** How often each view gives the label of the stack, by its name; undefined where nothing measured it. */
  readonly agreement?: ReadonlyMap<string, number> | undefined;
  /** Undefined where the task is not to keep its examples. */
  readonly examples: TaskRecord | undefined;
  readonly unlabelled?: UnlabelledRecord | undefined;
  readonly names?: NamesRecord | undefined;
  readonly fineTuning?: FineTuningRecord | undefined;
  /** Weights of the base that fine-tuning changed, where the tuned base was kept. */
  readonly adapterFile?: Uint8Array | undefined;
  readonly version: string;
  readonly startedAt: number;
}

/** Puts a trained head and everything about it into the form of a task. */
export async function packTask(
  head: StackedHead,
  base: BaseModel,
  config: TrainConfig,
  data: FeatureDataset,
  platform: Platform,
  record: TrainingRecord,
): Promise<TrainedTask> {
  const used = usedViews(head).map(({ view }) => view);
  const columns = columnsOf(
    base.spec,
    used.map(({ recipe }) => recipe),
  );
  const headModel = stackedHeadModel(head, columns, data.labels.length);
  const tfidf = used.find((view) => view.tfidf !== undefined)?.tfidf;
  const files = new Map<string, Uint8Array>([[HEAD_FILE, encodeModel(headModel)]]);
  if (record.adapterFile) files.set(ADAPTER_FILE, record.adapterFile);
  if (tfidf) files.set(VOCABULARY_FILE, encodeVocabulary(tfidf));
  for (const [name, bytes] of record.examples ? encodeRecord(record.examples) : []) {
    files.set(name, bytes);
  }
  const manifest: TaskManifest = {
    schemaVersion: 1,
    kind: "engraft-task",
    engraft: record.version,
    createdAt: new Date(record.startedAt).toISOString(),
    modality: base.spec.modality,
    labels: data.labels,
    base: { id: base.spec.id, digest: base.digest },
    preprocessing: base.spec.preprocessing,
    columns,
    head: {
      kind: config.head,
      views: head.views.map(({ recipe, classifier }, index) => ({
        name: recipe.name,
        weight: head.weights[index]!,
        ...(classifier.kind === "logistic" && { c: classifier.c }),
        ...agreementOf(recipe.name, record),
      })),
    },
    config,
    dataset: await describeDataset(data, record, platform),
    evaluation: record.evaluation,
    ...(record.trust && { trust: record.trust }),
    ...(record.unlabelled && { unlabelled: record.unlabelled }),
    ...(record.names && { names: record.names }),
    ...(record.fineTuning && { fineTuning: record.fineTuning }),
    seconds: (monotonicTime() - record.startedAt) / 1000,
    files: await digestFiles(files, platform),
  };
  return { manifest, files, head: headModel, tfidf };
}

function agreementOf(name: string, { agreement }: TrainingRecord): Pick<TaskView, "agreement"> {
  const share = agreement?.get(name);
  return share === undefined ? {} : { agreement: share };
}

async function describeDataset(
  data: FeatureDataset,
  { nearDuplicates, overlap }: Pick<TrainingRecord, "nearDuplicates" | "overlap">,
  platform: Platform,
): Promise<TaskManifest["dataset"]> {
  const { targets } = data.examples;
  const counts = data.labels.map(() => 0);
  for (const target of targets.subarray(0, data.trainRows)) counts[target]! += 1;
  const rows = data.digests
    .slice(0, data.trainRows)
    .map((digest, row) => [digest, data.labels[targets[row]!]]);
  return {
    digest: await platform.sha256(canonicalJson(rows)),
    examples: data.trainRows,
    perLabel: data.labels.map((label, index) => ({ label, examples: counts[index]! })),
    nearDuplicates,
    overlap,
    skipped: data.skipped,
    ...(data.truncation && { truncation: data.truncation }),
  };
}

async function digestFiles(
  files: ReadonlyMap<string, Uint8Array>,
  platform: Platform,
): Promise<TaskManifest["files"]> {
  const digests: Record<string, { sha256: string; bytes: number }> = Object.create(null);
  for (const [name, bytes] of files) {
    digests[name] = { sha256: await platform.sha256(bytes), bytes: bytes.length };
  }
  return digests;
}
