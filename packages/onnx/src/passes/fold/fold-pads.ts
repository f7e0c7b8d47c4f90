import { padAmounts } from "../../infer/rules/shapes/ranges.js";
import { constantValue } from "../../infer/value.js";
import { NodeView } from "../../infer/view.js";
import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "../../ir/attributes.js";
import type { Graph, Model, Node, Shape } from "../../ir/graph.js";
import { isSameList } from "../../ir/same.js";
import { typeOfValue } from "../../ir/value-types.js";

/** Zero padding of the spatial axes of a [batch, channels, spatial...] tensor. */
interface Padding {
  readonly input: string;
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

/**
 * Moves constant zero padding into the `pads` of the `Conv` or `AveragePool` that reads it, as
 * exporters of "same" padding leave it behind. The `Pad` node itself stays for other readers, and is
 * dead without them. Types of the values must have been inferred.
 */
export function foldPads(model: Model): Graph {
  const { graph } = model;
  const opset = model.opsets.get("") ?? 1;
  const paddings = new Map<string, Padding>();
  const nodes = graph.nodes.map((node) => {
    const padding =
      node.opType === "Pad" && node.domain === "" ? paddingOf(graph, node, opset) : undefined;
    if (padding !== undefined) paddings.set(node.outputs[0]!, padding);
    return absorbAll(node, paddings);
  });
  return isSameList(graph.nodes, nodes) ? graph : { ...graph, nodes };
}

/** A chain of pads is no longer than there are pads. */
function absorbAll(node: Node, paddings: ReadonlyMap<string, Padding>): Node {
  let current = node;
  for (let pads = paddings.size; pads > 0; pads--) {
    const next = absorb(current, paddings);
    if (next === undefined) break;
    current = next;
  }
  return current;
}

/** What a `Pad` node does, if it is nothing but zero padding of spatial axes. */
function paddingOf(graph: Graph, node: Node, opset: number): Padding | undefined {
  const inputs = node.inputs.map((name) => {
    const constant = graph.initializers.get(name);
    return constant === undefined ? { type: typeOfValue(graph, name) } : constantValue(constant);
  });
  const view = new NodeView(node, opset, inputs, () => []);
  const rank = view.shape(0)?.length;
  if (rank === undefined || !padsWithZero(view)) return undefined;
  const amounts = padAmounts(view, rank);
  const begins: Shape | undefined = amounts?.map(([begin]) => begin);
  const ends: Shape | undefined = amounts?.map(([, end]) => end);
  if (!isSpatial(begins) || !isSpatial(ends)) return undefined;
  return { input: node.inputs[0]!, begins: begins.slice(2), ends: ends.slice(2) };
}

function padsWithZero(view: NodeView): boolean {
  if (stringAttribute(view.node, "mode", "constant") !== "constant") return false;
  const fill = view.has(2) ? view.elements(2)?.[0] : floatAttribute(view.node, "value", 0);
  return fill === 0;
}

/** Whether all amounts are known, none crops, and batch and channels have none. */
function isSpatial(amounts: Shape | undefined): amounts is readonly number[] {
  return (
    amounts?.every((amount, axis) =>
      axis < 2 ? amount === 0 : typeof amount === "number" && amount >= 0,
    ) ?? false
  );
}

/** The node with the padding of its input added to its own; `undefined` where that is not exact. */
function absorb(node: Node, paddings: ReadonlyMap<string, Padding>): Node | undefined {
  const padding = paddings.get(node.inputs[0] ?? "");
  if (padding === undefined || node.domain !== "") return undefined;
  if (!["NOTSET", "VALID"].includes(stringAttribute(node, "auto_pad", "NOTSET"))) return undefined;
  const added = [...padding.begins, ...padding.ends];
  const own = intsAttribute(
    node,
    "pads",
    added.map(() => 0),
  );
  const pads = added.map((pad, at) => pad + own[at]!);
  const attributes = new Map(node.attributes).set("pads", { kind: "ints", value: pads });
  attributes.delete("auto_pad");
  if (node.opType === "AveragePool") {
    if (!poolsExactly(node, own, pads)) return undefined;
    attributes.set("count_include_pad", { kind: "int", value: 1 });
  } else if (node.opType !== "Conv") {
    return undefined;
  }
  return { ...node, inputs: [padding.input, ...node.inputs.slice(1)], attributes };
}

/**
 * The zeros of a `Pad` node count in the mean, so the pool's own padding must count as well. Runtimes
 * want pads smaller than the kernel, and with `ceil_mode` they treat the end of the input differently.
 */
function poolsExactly(node: Node, own: readonly number[], pads: readonly number[]): boolean {
  const kernel = intsAttribute(node, "kernel_shape", []);
  const countsOwn =
    intAttribute(node, "count_include_pad", 0) === 1 || own.every((pad) => pad === 0);
  const fits = pads.every((pad, at) => pad < kernel[at % kernel.length]!);
  return countsOwn && fits && intAttribute(node, "ceil_mode", 0) === 0;
}
