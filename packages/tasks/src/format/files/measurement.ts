import type { LinearModel, Random, TfidfModel } from "@engraft/core/predict";
import {
  decodeSafetensors,
  encodeSafetensors,
  gather,
  parseJson,
  rowsByGroup,
  type Split,
  stratifiedGroupFolds,
} from "@engraft/core/predict";
import { createTensor, type Tensor } from "@engraft/onnx/graph";
import { z } from "zod";
import type { ViewSummary } from "../manifest/manifest.js";
import { encodeVocabulary, parseVocabulary } from "./vocabulary.js";

/** What was chosen for a view; baselines that are no part of the head have weight 0. */
export interface ChosenView extends ViewSummary {
  /** The classifier that was fitted with it, where the next fit of a large problem starts. */
  readonly linear?: LinearModel | undefined;
  /** Words that it reads. */
  readonly tfidf?: TfidfModel | undefined;
}

/**
 * How a task was measured, so that it can be measured again after it was extended, by the same splits
 * and with the settings that were chosen in each without the rows that it tests.
 */
export interface Measurement {
  /** Which split tests each training example; -1 where none does. */
  readonly folds: Int32Array;
  /** What was chosen for the views of each split, on its training part. */
  readonly splits: readonly (readonly ChosenView[])[];
  /** Number of training examples when this was chosen. */
  readonly chosenOn: number;
  /** Examples that were added or got another label since. */
  readonly changedSince: number;
}

/**
 * Remembers a measurement that was just made.
 *
 * @param chosen - What was chosen in each of `splits`.
 * @param rows - Number of training examples.
 * @returns Undefined where examples were tested more than once: these are so few that choosing again
 *   takes a moment.
 */
export function rememberMeasurement(
  splits: readonly Split[],
  chosen: readonly (readonly ChosenView[])[],
  rows: number,
): Measurement | undefined {
  if (splits.reduce((sum, { test }) => sum + test.length, 0) > rows) return undefined;
  const folds = new Int32Array(rows).fill(NEVER);
  for (const [fold, { test }] of splits.entries()) for (const row of test) folds[row] = fold;
  // Large data has one split, and only large data is fitted faster from a known classifier.
  const keep = splits.length === 1 ? (view: ChosenView) => view : withoutModel;
  return { folds, splits: chosen.map((views) => views.map(keep)), chosenOn: rows, changedSince: 0 };
}

function withoutModel({ name, weight, c }: ChosenView): ChosenView {
  return { name, weight, c };
}

const NEVER = -1;

/** Of large data, one of so many parts is tested. */
const PARTS = 5;

/**
 * Divides examples after more were added. Those that were there stay in their folds, as the settings
 * of each fold have not seen its examples; new ones join the fold of their near-duplicates or are
 * spread evenly by class. Examples of different folds that a new one has joined to near-duplicates are
 * no longer tested, but learned from.
 *
 * @param groups - Of all examples, old ones first; so are `targets`.
 * @returns The fold of every example, or -1.
 */
export function continueFolds(
  { folds, splits }: Pick<Measurement, "folds" | "splits">,
  groups: Int32Array,
  targets: Int32Array,
  random: Random,
): Int32Array {
  const result = new Int32Array(targets.length).fill(NEVER);
  const added: number[] = [];
  for (const rows of rowsByGroup(groups)) {
    const known = new Set(rows.filter((row) => row < folds.length).map((row) => folds[row]!));
    if (known.size === 0) added.push(...rows);
    else if (known.size === 1) for (const row of rows) result[row] = [...known][0]!;
  }
  const rows = Int32Array.from(added).sort();
  const drawn = stratifiedGroupFolds({
    targets: gather(targets, rows),
    groups: gather(groups, rows),
    folds: splits.length === 1 ? PARTS : splits.length,
    random,
  });
  for (const [index, row] of rows.entries()) {
    if (drawn[index]! < splits.length) result[row] = drawn[index]!;
  }
  return result;
}

const settingsSchema = z.strictObject({
  chosenOn: z.int().min(1),
  changedSince: z.int().min(0),
  splits: z
    .array(
      z
        .array(z.strictObject({ name: z.string(), weight: z.number(), c: z.number().optional() }))
        .min(1),
    )
    .min(1),
});

/** Writes a measurement as a safetensors file. */
export function encodeMeasurement(measurement: Measurement): Uint8Array {
  const { folds, splits, chosenOn, changedSince } = measurement;
  const tensors = new Map<string, Tensor>([
    ["folds", createTensor("int32", [folds.length], folds)],
  ]);
  for (const [split, views] of splits.entries()) {
    for (const { name, linear, tfidf } of views) {
      const key = `${split}.${name}`;
      if (linear) {
        const classes = linear.bias.length;
        const width = linear.weights.length / classes;
        const weights = Float32Array.from(linear.weights);
        tensors.set(`${key}.weights`, createTensor("float32", [classes, width], weights));
        const bias = Float32Array.from(linear.bias);
        tensors.set(`${key}.bias`, createTensor("float32", [classes], bias));
      }
      if (tfidf) {
        const bytes = encodeVocabulary(tfidf);
        tensors.set(`${key}.vocabulary`, createTensor("uint8", [bytes.length], bytes));
      }
    }
  }
  const settings = {
    chosenOn,
    changedSince,
    splits: splits.map((views) => views.map(({ name, weight, c }) => ({ name, weight, c }))),
  };
  return encodeSafetensors(tensors, new Map([["settings", JSON.stringify(settings)]]));
}

/**
 * Reads a measurement.
 *
 * @returns Undefined when the bytes are not one.
 */
export function parseMeasurement(bytes: Uint8Array): Measurement | undefined {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const parsed = settingsSchema.safeParse(parseJson(metadata.get("settings") ?? "null"));
  const folds = tensors.get("folds");
  if (!parsed.success || folds?.dtype !== "int32") return undefined;
  const { splits, ...rest } = parsed.data;
  return {
    ...rest,
    folds: folds.data,
    splits: splits.map((views, split) =>
      views.map((view) => {
        const key = `${split}.${view.name}`;
        const vocabulary = tensors.get(`${key}.vocabulary`);
        return {
          ...view,
          linear: readLinear(tensors, key),
          tfidf: vocabulary?.dtype === "uint8" ? parseVocabulary(vocabulary.data) : undefined,
        };
      }),
    ),
  };
}

function readLinear(tensors: ReadonlyMap<string, Tensor>, key: string): LinearModel | undefined {
  const [weights, bias] = [tensors.get(`${key}.weights`), tensors.get(`${key}.bias`)];
  if (weights?.dtype !== "float32" || bias?.dtype !== "float32") return undefined;
  return { weights: Float64Array.from(weights.data), bias: Float64Array.from(bias.data) };
}
