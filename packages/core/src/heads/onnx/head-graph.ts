import {
  createGraph,
  createModel,
  GraphBuilder,
  type Model,
  type Tensor,
  valueInfo,
} from "@engraft/onnx/graph";
import { type FeatureColumn, totalWidth } from "../../features/columns.js";
import { columnRanges } from "../../features/table.js";
import type { LinearModel } from "../logistic/linear-model.js";
import type { FittedView, StackedHead } from "../stack/stacked-head.js";
import { writeClassifier, writeRanges, writeUnitLength } from "./classifier-graph.js";

/** Names of the inputs and the output of every `head.onnx`. */
export const HEAD = {
  /** float32 [batch, width of the task's columns]: pooled layers, side by side. */
  features: "features",
  /** float32 [batch, vocabulary]: TF-IDF of the words; only where a view on words has weight. */
  words: "words",
  /** float32 [batch, classes]: normalised log-probabilities in the order of the task's labels. */
  output: "logProbabilities",
} as const;

/**
 * A stacked head as an ONNX model: each view picks its columns, normalises them and applies its
 * probe; the weighted sum of their log-probabilities is normalised. Unused views are absent.
 *
 * @param columns - The columns that the model's input `features` is made of.
 */
export function stackedHeadModel(
  head: StackedHead,
  columns: readonly FeatureColumn[],
  classes: number,
): Model {
  const g = new GraphBuilder("head");
  let sum: string | undefined;
  let vocabulary = 0;
  for (const { view, weight } of usedViews(head)) {
    if (view.tfidf !== undefined) vocabulary = view.tfidf.idf.length;
    const term = g.op("Mul", [writeView(g, view, columns), g.floats([weight], [1])]);
    sum = sum === undefined ? term : g.op("Add", [sum, term]);
  }
  g.op("LogSoftmax", [sum!], { axis: 1 }, HEAD.output);
  const width = totalWidth(columns);
  return createModel({
    graph: createGraph({
      name: "head",
      nodes: g.nodes,
      initializers: g.initializers,
      inputs: [
        ...(width > 0 ? [valueInfo(HEAD.features, "float32", ["batch", width])] : []),
        ...(vocabulary > 0 ? [valueInfo(HEAD.words, "float32", ["batch", vocabulary])] : []),
      ],
      outputs: [valueInfo(HEAD.output, "float32", ["batch", classes])],
    }),
  });
}

/**
 * The logistic classifiers in the model of a head, in the order of the views that have weight; they
 * read what `viewFeatures` gives. Undefined of a view that classifies in another way.
 */
export function linearModelsOf(head: Model): (LinearModel | undefined)[] {
  const { nodes, initializers } = head.graph;
  const makerOf = new Map(
    nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)),
  );
  const values = (name: string): Float64Array =>
    Float64Array.from((initializers.get(name) as Tensor<"float32">).data);
  const weighted = nodes.filter(
    ({ opType, inputs: [view] }) => opType === "Mul" && makerOf.get(view!)?.opType === "LogSoftmax",
  );
  return weighted.map(({ inputs: [view] }) => {
    const logits = makerOf.get(makerOf.get(view!)!.inputs[0]!);
    const [, weights, bias] = logits?.opType === "Gemm" ? logits.inputs : [];
    // Only logistic classifiers have an offset.
    return weights && bias ? { weights: values(weights), bias: values(bias) } : undefined;
  });
}

/**
 * The views that are needed to predict: those that have weight. Where none has, because nothing that
 * they see tells the labels apart, the first one with its weight of 0 makes all labels equally likely.
 */
export function usedViews({ views, weights }: StackedHead): { view: FittedView; weight: number }[] {
  return thoseWithWeight(views.map((view, index) => ({ view, weight: weights[index]! })));
}

/** The same of views in any form. */
export function thoseWithWeight<V extends { readonly weight: number }>(views: readonly V[]): V[] {
  const used = views.filter(({ weight }) => weight > 0);
  return used.length > 0 ? used : views.slice(0, 1);
}

function writeView(
  g: GraphBuilder,
  { recipe, classifier }: FittedView,
  columns: readonly FeatureColumn[],
): string {
  if (recipe.kind === "words") return writeClassifier(g, HEAD.words, classifier);
  const joined = writeColumns(g, recipe.columns, columns);
  const features = recipe.normalize === "length" ? writeUnitLength(g, joined) : joined;
  return writeClassifier(g, features, classifier);
}

/** The view's columns side by side. */
function writeColumns(
  g: GraphBuilder,
  wanted: readonly FeatureColumn[],
  columns: readonly FeatureColumn[],
): string {
  if (totalWidth(wanted) === totalWidth(columns)) return HEAD.features;
  return writeRanges(g, HEAD.features, columnRanges(columns, wanted));
}
