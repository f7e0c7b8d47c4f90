import { isStatic } from "../../infer/dims.js";
import { intAttribute } from "../../ir/attributes.js";
import { float } from "../../ir/build.js";
import type { Model, Node } from "../../ir/graph.js";
import { numbersOf } from "../../ir/tensor/tensor-data.js";
import { expressionOf, valuesAfter } from "./expression.js";
import type { GraphIndex } from "./graph-index.js";
import type { Polynomial, Term } from "./polynomial.js";
import { type Match, replaceMatches } from "./replace.js";

/**
 * Replaces layer normalisation that is written out (the form of exports before operator set 17) by one
 * `LayerNormalization` node: `scale (x - mean) / sqrt(variance + epsilon) + bias`, where mean and
 * variance are taken over the last axes of `x`, in every order of the sums and products (TensorFlow
 * writes `x r + (bias - mean r)` with `r = scale / sqrt(...)`), with or without bias. Scale and bias
 * must have exactly the shape of the axes that are normalised. A group stays where other nodes or
 * outputs read one of its inner values. Types of the values must have been inferred.
 */
export function recognizeLayerNormalization(model: Model): Model {
  return replaceMatches(model, matchLayerNormalization);
}

/** Mean and variance of a value over its last axes. */
interface Moments {
  readonly x: string;
  readonly mean: string;
  readonly variance: string;
  /** The first axis that is normalised. */
  readonly axis: number;
  readonly nodes: readonly Node[];
}

function matchLayerNormalization(anchor: Node, index: GraphIndex): Match | undefined {
  const moments = momentsOf(anchor, index);
  if (moments === undefined) return undefined;
  const { x, mean, variance, axis } = moments;
  const [shift, ...others] = index.readers(variance);
  if (shift?.opType !== "Add" || shift.domain !== "" || others.length > 0) return undefined;
  const epsilon = shift.inputs.map((input) => index.scalar(input)).find((e) => e !== undefined);
  const spread = shift.outputs[0]!;
  if (epsilon === undefined) return undefined;
  const atoms = new Set([x, mean, spread]);
  // The last match is the one that takes in the bias.
  for (const output of valuesAfter(spread, index).toReversed()) {
    const { polynomial, nodes } = expressionOf(output, atoms, index);
    const parameters = parametersOf(polynomial, { x, mean, spread });
    if (parameters === undefined || !fit(parameters, x, axis, index)) continue;
    const root = index.producer(output)!;
    const group = new Set([...moments.nodes, shift, ...nodes]);
    if (index.type(output)?.dtype !== index.type(x)?.dtype) continue;
    if (!index.isEnclosed(group, root)) continue;
    return {
      nodes: group,
      root,
      opType: "LayerNormalization",
      inputs: [x, ...parameters],
      attributes: { axis, epsilon: float(epsilon) },
    };
  }
  return undefined;
}

/** Recognises the node that computes a variance: the mean of `(x - mean(x))^2`. */
function momentsOf(node: Node, index: GraphIndex): Moments | undefined {
  const axis = lastAxes(node, index);
  const square = index.producer(node.inputs[0] ?? "");
  const { name, casts } = index.beforeCasts((square && squared(square, index)) ?? "");
  const difference = index.producer(name);
  if (axis === undefined || difference?.opType !== "Sub") return undefined;
  for (const [x, mean] of [difference.inputs, difference.inputs.toReversed()]) {
    const average = index.producer(mean!);
    if (average === undefined || average.inputs[0] !== x) continue;
    if (lastAxes(average, index) !== axis) continue;
    const nodes = [node, square!, ...casts, difference, average];
    return { x: x!, mean: mean!, variance: node.outputs[0]!, axis, nodes };
  }
  return undefined;
}

/** What a node squares. */
function squared(node: Node, index: GraphIndex): string | undefined {
  const [base, second = ""] = node.inputs;
  if (node.opType === "Mul" && base === second) return base;
  return node.opType === "Pow" && index.scalar(second) === 2 ? base : undefined;
}

/** The first axis of a `ReduceMean` that keeps its axes and takes the mean over the last of them. */
function lastAxes(node: Node, index: GraphIndex): number | undefined {
  if (node.opType !== "ReduceMean" || node.domain !== "") return undefined;
  const [input = "", list = ""] = node.inputs;
  const rank = index.shape(input)?.length;
  const constant = index.constant(list);
  if (rank === undefined || constant === undefined) return undefined;
  if (intAttribute(node, "keepdims", 1) === 0 || constant.data.length === 0) return undefined;
  const axes = new Set(numbersOf(constant).map((axis) => (axis < 0 ? axis + rank : axis)));
  const first = rank - axes.size;
  return Array.from(axes).every((axis) => axis >= first) ? first : undefined;
}

/** Scale and bias of `scale x spread^-1/2 - scale mean spread^-1/2 [+ bias]`. */
function parametersOf(
  polynomial: Polynomial,
  { x, mean, spread }: { readonly x: string; readonly mean: string; readonly spread: string },
): string[] | undefined {
  if (polynomial.length < 2 || polynomial.length > 3) return undefined;
  const scaleOf = (value: string, sign: number): string | undefined =>
    polynomial
      .map((term) =>
        remaining(term, sign, [
          [value, 1],
          [spread, -0.5],
        ]),
      )
      .find(Boolean);
  const scale = scaleOf(x, 1);
  if (scale === undefined || scaleOf(mean, -1) !== scale) return undefined;
  if (polynomial.length === 2) return [scale];
  const bias = polynomial.map((term) => remaining(term, 1, [])).find(Boolean);
  return bias === undefined ? undefined : [scale, bias];
}

/** The one other factor of a term that has the given sign and powers. */
function remaining(
  { coefficient, powers }: Term,
  sign: number,
  expected: readonly (readonly [string, number])[],
): string | undefined {
  const rest = new Map(powers);
  for (const [name, exponent] of expected) {
    if (rest.get(name) !== exponent) return undefined;
    rest.delete(name);
  }
  const [other] = rest;
  const isOneFactor = rest.size === 1 && other![1] === 1;
  return coefficient === sign && isOneFactor ? other![0] : undefined;
}

function fit(parameters: readonly string[], x: string, axis: number, index: GraphIndex): boolean {
  const normalized = index.shape(x)?.slice(axis);
  if (!isStatic(normalized)) return false;
  return parameters.every((name) => {
    const shape = index.shape(name);
    return shape?.length === normalized.length && normalized.every((dim, at) => dim === shape[at]);
  });
}
