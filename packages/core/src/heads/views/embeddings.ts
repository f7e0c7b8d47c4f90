import type { BaseSpec } from "../../bases/spec.js";
import type { FeatureColumn } from "../../features/columns.js";
import { type FeatureTable, selectFeatures } from "../../features/table.js";
import type { Matrix32 } from "../../math/matrix.js";
import { normalizeLength } from "./view-matrix.js";
import { columnsOf, lastLayerRecipe } from "./views.js";

/** The columns that say where an input lies: the last layer of a base. */
export function embeddingColumns(spec: BaseSpec): FeatureColumn[] {
  return columnsOf(spec, [lastLayerRecipe(spec)]);
}

/**
 * Where rows of a table lie in the space of the base's last layer: rows of length 1, whose dot products
 * say how alike two inputs are, whatever the task.
 *
 * @param rows - Which ones, or how many of the first.
 */
export function embeddingsOf(
  table: FeatureTable,
  spec: BaseSpec,
  rows: Int32Array | number,
): Matrix32 {
  const chosen =
    typeof rows === "number" ? Int32Array.from({ length: rows }, (_, row) => row) : rows;
  const embeddings = selectFeatures(table, embeddingColumns(spec), chosen);
  normalizeLength(embeddings);
  return embeddings;
}
