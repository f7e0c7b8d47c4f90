import { cut } from "@engraft/onnx/graph";
import type { BaseModel } from "../bases/base.js";
import type { Tap } from "../bases/spec.js";
import type { FeatureColumn } from "../features/columns.js";

/** A fine-tuned base in two parts: what it shares with the frozen one, and what is its own. */
export interface SplitBase {
  readonly frozen: BaseModel;
  readonly tuned: BaseModel;
  /** The deepest tap that no changed weight has a part in. */
  readonly cut: Tap;
  /** Columns that are read of taps above the cut. */
  readonly columns: readonly FeatureColumn[];
}

/** Share of the layers that are read which must be frozen: below it, a split does not pay. */
const LEAST_FROZEN = 0.5;

/**
 * Finds where a base can be split so that the lower part is that of the frozen base. Whether it is
 * split depends on the task alone, not on what is served beside it.
 *
 * @param columns - What is read of the base.
 * @returns Undefined for a base that was not tuned, or from its lower half on, as with LoRA.
 */
export function splitBase(
  base: BaseModel,
  columns: readonly FeatureColumn[],
): SplitBase | undefined {
  const { tuning, spec } = base;
  if (tuning === undefined) return undefined;
  const read = new Set(columns.map(({ tap }) => tap));
  const deepest = spec.taps.findLastIndex(({ name }) => read.has(name));
  const lower = spec.taps.slice(Math.ceil(LEAST_FROZEN * deepest), Math.max(0, deepest));
  const cut = lower.findLast((tap) => tap.kind !== "vector" && isFrozen(tap, base, tuning.changed));
  if (cut === undefined) return undefined;
  const upper = new Set(spec.taps.slice(spec.taps.indexOf(cut) + 1).map(({ name }) => name));
  const above = columns.filter(({ tap }) => upper.has(tap));
  return { frozen: tuning.frozen, tuned: base, cut, columns: above };
}

/** Whether none of the changed weights has a part in a tap. */
function isFrozen({ value }: Tap, { model }: BaseModel, changed: ReadonlySet<string>): boolean {
  if (!model.graph.nodes.some(({ outputs }) => outputs.includes(value))) return false;
  const { initializers } = cut(model, [value]).graph;
  return ![...initializers.keys()].some((name) => changed.has(name));
}
