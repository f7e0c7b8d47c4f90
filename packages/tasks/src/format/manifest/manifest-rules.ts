import { ADAPTER_FILE, columnKey } from "@engraft/core/predict";
import type { ComparedMetrics, TaskManifest } from "./manifest.js";
import { HEAD_FILE, RECORD_FILES, VOCABULARY_FILE } from "./task-files.js";

/** A field of a manifest that contradicts another one. */
export interface Contradiction {
  readonly path: readonly string[];
  readonly message: string;
}

/** Every file that a task can have, beside `task.json`. */
const FILES: readonly string[] = [HEAD_FILE, VOCABULARY_FILE, ADAPTER_FILE, ...RECORD_FILES];

/** Where fields of a manifest, each valid by itself, contradict each other. */
export function contradictionsIn(manifest: TaskManifest): Contradiction[] {
  const { labels, modality, preprocessing, columns, head, dataset, evaluation, files } = manifest;
  const { outOfFold, val, test } = evaluation;
  const found: (Contradiction | false)[] = [
    unique(["labels"], labels),
    unique(["columns"], columns.map(columnKey)),
    unique(
      ["head", "views"],
      head.views.map(({ name }) => name),
    ),
    sameLabels(
      ["dataset", "perLabel"],
      dataset.perLabel.map(({ label }) => label),
      labels,
    ),
    ...Object.entries({ outOfFold, val, test }).flatMap(([split, metrics]) =>
      metrics === undefined ? [] : contradictionsOf(["evaluation", split], metrics, labels),
    ),
    preprocessing.kind !== modality && {
      path: ["preprocessing", "kind"],
      message: `is "${preprocessing.kind}" in a task of modality "${modality}"`,
    },
    ...Object.keys(files).map(
      (name) => !FILES.includes(name) && { path: ["files"], message: `names the file "${name}"` },
    ),
    modality === "image" &&
      Object.hasOwn(files, VOCABULARY_FILE) && {
        path: ["files"],
        message: `names ${VOCABULARY_FILE} in a task on images`,
      },
  ];
  return found.filter((each) => each !== false);
}

function contradictionsOf(
  path: readonly string[],
  metrics: ComparedMetrics,
  labels: readonly string[],
): (Contradiction | false)[] {
  const { confusion, perClass } = metrics;
  const isSquare = [confusion, ...confusion].every(({ length }) => length === labels.length);
  return [
    sameLabels([...path, "labels"], metrics.labels, labels),
    sameLabels(
      [...path, "perClass"],
      perClass.map(({ label }) => label),
      labels,
    ),
    !isSquare && {
      path: [...path, "confusion"],
      message: `is not a row and a column for each of ${labels.length} labels`,
    },
  ];
}

function unique(path: readonly string[], names: readonly string[]): Contradiction | false {
  const seen = new Set<string>();
  const twice = names.find((name) => seen.has(name) || !seen.add(name));
  return twice !== undefined && { path, message: `has "${twice}" twice` };
}

function sameLabels(
  path: readonly string[],
  found: readonly string[],
  labels: readonly string[],
): Contradiction | false {
  const isSame =
    found.length === labels.length && found.every((label, index) => label === labels[index]);
  return !isSame && { path, message: "does not have the labels of the task in their order" };
}
