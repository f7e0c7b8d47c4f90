import { IntegrityError } from "@engraft/core/errors";
import type { BaseModel, Preprocessing } from "@engraft/core/predict";
import { allColumns, columnKey } from "@engraft/core/predict";
import type { TaskManifest } from "../manifest/manifest.js";
import type { TaskRecord } from "./record.js";

/**
 * Makes sure that a base has what a task reads of it, prepared as it can be fed.
 *
 * @throws IntegrityError `task/invalid`
 */
export function requireBaseOf(manifest: TaskManifest, { spec }: Pick<BaseModel, "spec">): void {
  const known = new Map(allColumns(spec).map((column) => [columnKey(column), column.width]));
  for (const column of manifest.columns) {
    const [key, { width }] = [columnKey(column), column];
    const has = known.get(key);
    if (has === width) continue;
    throw invalid(
      "task.json",
      `its columns have "${key}" with ${width} features, and base model ${spec.id} has ` +
        (has === undefined ? "none of this name" : `${has}`),
    );
  }
  const differing = difference(manifest.preprocessing, spec.preprocessing);
  if (differing === undefined) return;
  throw invalid(
    "task.json",
    `its preprocessing differs in ${differing} from that of base model ${spec.id}`,
  );
}

/** What decides the shape of the base's inputs, and has to be as the base needs it. */
function difference(own: Preprocessing, base: Preprocessing): string | undefined {
  if (own.kind === "image" && base.kind === "image") {
    if (own.layout !== base.layout) return "layout";
    return sideOf(own) === sideOf(base) ? undefined : "the size of images";
  }
  if (own.kind === "text" && base.kind === "text") {
    if (own.padTo !== base.padTo) return "padTo";
    if (own.positions !== base.positions) return "positions";
    return own.padTokenId === base.padTokenId ? undefined : "padTokenId";
  }
  return "kind";
}

function sideOf({ resize, centerCrop }: Preprocessing & { kind: "image" }): number {
  return centerCrop ?? resize.size;
}

/**
 * Makes sure that what a task remembers of its examples is of this task.
 *
 * @throws IntegrityError `task/invalid`
 */
export function requireRecordOf(manifest: TaskManifest, record: TaskRecord): void {
  const labels = new Set(manifest.labels);
  const { examples, outOfFold, measurement } = record;
  if (examples.length !== manifest.dataset.examples) {
    throw invalid(
      "examples.jsonl",
      `it has ${examples.length} examples, and task.json says ${manifest.dataset.examples}`,
    );
  }
  for (const [index, { label, text }] of examples.entries()) {
    const line = `its line ${index + 1}`;
    if (!labels.has(label)) {
      throw invalid("examples.jsonl", `${line} has the label "${label}", which the task lacks`);
    }
    if ((text === undefined) !== (manifest.modality === "image")) {
      throw invalid("examples.jsonl", `${line} is no example of modality ${manifest.modality}`);
    }
  }
  if (outOfFold.logProbabilities.cols !== labels.size) {
    throw invalid("examples.safetensors", "its answers are not one for each label of the task");
  }
  const models = measurement?.splits.flat().flatMap(({ linear }) => linear ?? []) ?? [];
  for (const { weights, bias } of models) {
    if (bias.length === labels.size && weights.length % bias.length === 0) continue;
    throw invalid("measurement.safetensors", "its classifiers are not of the labels of the task");
  }
}

function invalid(file: string, why: string): IntegrityError {
  return new IntegrityError(
    "task/invalid",
    file,
    `${file} of the task is not valid: ${why}. Restore it, or train the task again.`,
  );
}
