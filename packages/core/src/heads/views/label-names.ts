import type { BaseSpec } from "../../bases/spec.js";
import type { LabelNames } from "../../features/labelled-features.js";
import type { FeatureTable } from "../../features/table.js";
import { rowOf, zeros32 } from "../../math/matrix.js";
import { addScaled, toUnitLength } from "../../math/vector.js";
import { meanRow } from "../names/names.js";
import { embeddingsOf } from "./embeddings.js";

/** Texts that stand for labels, after the pass of the base. */
export interface ReadNames {
  /** The layers of each text. */
  readonly table: FeatureTable;
  /** The class that each text stands for; every class has one at least. */
  readonly classOf: Int32Array;
  readonly classes: number;
  readonly areDescriptions: boolean;
}

/**
 * What the names of the labels say on a base: the mean of the texts of each label.
 *
 * @param table - The layers of the examples.
 * @param unlabelled - Examples without a label, which say what all inputs have in common.
 */
export function labelNames(
  spec: BaseSpec,
  names: ReadNames,
  table: FeatureTable,
  unlabelled: Int32Array,
): LabelNames {
  const { classOf, classes, areDescriptions } = names;
  const texts = embeddingsOf(names.table, spec, classOf.length);
  const vectors = zeros32(classes, texts.cols);
  classOf.forEach((k, row) => {
    addScaled(rowOf(vectors, k), 1, rowOf(texts, row));
  });
  for (let k = 0; k < classes; k++) toUnitLength(rowOf(vectors, k));
  const centre = unlabelled.length > 0 ? meanRow(embeddingsOf(table, spec, unlabelled)) : undefined;
  return { vectors, areDescriptions, centre };
}
