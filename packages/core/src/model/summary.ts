import { elementCount, type LeftOut } from "@engraft/onnx";
import { shorten } from "../escape/shorten.js";
import { textTable } from "../escape/text-table.js";
import { visible } from "../escape/visible.js";
import type { NodeLayers } from "./graph/node-layers.js";
import type { Layer } from "./weights/layer.js";
import type { Weight } from "./weights/weight.js";

/** One line of a summary. */
export interface SummaryRow {
  /** Dotted path of the layer. */
  readonly layer: string;
  /** Operators that it is made of. */
  readonly kind: string;
  /** Sizes or names of sizes; undefined where they are not known. */
  readonly outputShape: readonly (number | string | null)[] | undefined;
  /** Values in the weights of the layer itself. */
  readonly weights: number;
  readonly trainable: boolean;
}

/** A model layer by layer; as text, a table. */
export interface ModelSummary {
  readonly rows: readonly SummaryRow[];
  /** Values in all weights. */
  readonly weights: number;
  readonly trainableWeights: number;
  readonly nonTrainableWeights: number;
  /** Floats that the model stores beside its weights, with the reason why they are not trained. */
  readonly leftOut: readonly LeftOut[];
  /** The rows as a table, with totals, for a terminal. */
  toString(): string;
}

/** Lists every layer that has weights or operators of its own. */
export function summarize(
  root: Layer,
  nodes: NodeLayers,
  leftOut: readonly LeftOut[],
): ModelSummary {
  const rows: SummaryRow[] = [];
  const visit = (layer: Layer): void => {
    const operators = nodes.operatorsOf(layer.path);
    if (layer.ownWeights.length > 0 || (layer.children.length === 0 && operators.length > 0)) {
      rows.push({
        layer: layer.path || "(model)",
        kind: operators.join(", "),
        outputShape: nodes.shapeOf(layer.path),
        weights: sizeOf(layer.ownWeights),
        trainable: layer.ownWeights.some((weight) => weight.trainable),
      });
    }
    for (const child of layer.children) visit(child);
  };
  visit(root);
  const weights = sizeOf(root.weights);
  const trainableWeights = sizeOf(root.trainableWeights);
  const summary = {
    rows,
    weights,
    trainableWeights,
    nonTrainableWeights: weights - trainableWeights,
    leftOut,
  };
  return { ...summary, toString: () => print(summary) };
}

function sizeOf(weights: readonly Weight[]): number {
  return weights.reduce((sum, { size }) => sum + size, 0);
}

/** Longest name of a size that is printed; the exporters' names of computed sizes are formulas. */
const LONGEST_SIZE = 20;

function printSize(size: number | string | null): string {
  return shorten(String(size ?? "?"), LONGEST_SIZE);
}

/** Widest column that shorter cells are padded to. */
const WIDEST = 120;

function print(summary: Omit<ModelSummary, "toString">): string {
  const cells = summary.rows.map(({ layer, kind, outputShape, weights, trainable }) => [
    layer,
    kind,
    outputShape === undefined ? "?" : `[${outputShape.map(printSize).join(", ")}]`,
    weights.toLocaleString("en"),
    weights === 0 ? "" : trainable ? "yes" : "no",
  ]);
  const heading = ["layer", "operators", "output shape", "weights", "trainable"];
  const lines = textTable(heading, cells, { numbers: [3], widest: WIDEST });
  const { weights, trainableWeights, nonTrainableWeights } = summary;
  const total = (label: string, count: number): string =>
    `${label.padEnd(22)} ${count.toLocaleString("en")}`;
  return [
    ...lines,
    "",
    total("weights", weights),
    total("trainable", trainableWeights),
    total("non-trainable", nonTrainableWeights),
    ...describeLeftOut(summary.leftOut),
  ].join("\n");
}

/** Most names that are printed for one reason. */
const MOST_NAMED = 3;

/** One line for each reason why floats that a model stores are no weights. */
export function describeLeftOut(leftOut: readonly LeftOut[]): string[] {
  if (leftOut.length === 0) return [];
  const byReason = new Map<string, LeftOut[]>();
  for (const one of leftOut) {
    const known = byReason.get(one.reason);
    if (known === undefined) byReason.set(one.reason, [one]);
    else known.push(one);
  }
  const lines = Array.from(byReason, ([reason, tensors]) => {
    const named = tensors
      .slice(0, MOST_NAMED)
      .map(({ name, shape }) => `${visible(name)} [${shape.join(", ")}]`);
    const more = tensors.length > MOST_NAMED ? ` and ${tensors.length - MOST_NAMED} more` : "";
    return `  ${named.join(", ")}${more}: ${visible(reason)}`;
  });
  const values = leftOut.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return ["", `stored, and not trained: ${values.toLocaleString("en")} values`, ...lines];
}
