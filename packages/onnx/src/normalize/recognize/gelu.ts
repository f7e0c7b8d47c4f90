import type { Model, Node } from "../../ir/graph.js";
import { expressionOf, valuesAfter, valuesBefore } from "./expression.js";
import type { GraphIndex } from "./graph-index.js";
import { agree, type Polynomial } from "./polynomial.js";
import { type Match, replaceMatches } from "./replace.js";

/** Constants in half precision are this far from the ones of the definition. */
const TOLERANCE = 1e-3;

/**
 * Replaces Gelu that is written out by one `Gelu` node, in every order of its sums and products:
 *
 * - `0.5 x (1 + Erf(x / sqrt(2)))` is the exact form, `approximate = "none"`;
 * - `0.5 x (1 + Tanh(sqrt(2 / pi) (x + 0.044715 x^3)))` is `approximate = "tanh"`.
 *
 * A group stays where other nodes or outputs read one of its inner values.
 */
export function recognizeGelu(model: Model): Model {
  return replaceMatches(model, matchGelu);
}

function matchGelu(anchor: Node, index: GraphIndex): Match | undefined {
  if (anchor.domain !== "" || (anchor.opType !== "Erf" && anchor.opType !== "Tanh"))
    return undefined;
  const [argument = "", bell = ""] = [anchor.inputs[0], anchor.outputs[0]];
  const target = anchor.opType === "Erf" ? exactArgument : tanhArgument;
  for (const x of valuesBefore(argument, index)) {
    const inner = expressionOf(argument, new Set([x]), index);
    if (!agree(inner.polynomial, target(x), TOLERANCE)) continue;
    for (const output of valuesAfter(bell, index)) {
      const outer = expressionOf(output, new Set([x, bell]), index);
      if (!agree(outer.polynomial, gelu(x, bell), TOLERANCE)) continue;
      const root = index.producer(output)!;
      const nodes = new Set([anchor, ...inner.nodes, ...outer.nodes]);
      if (!hasTypeOf(x, output, index) || !index.isEnclosed(nodes, root)) continue;
      const approximate = anchor.opType === "Erf" ? "none" : "tanh";
      return { nodes, root, opType: "Gelu", inputs: [x], attributes: { approximate } };
    }
  }
  return undefined;
}

/** A constant of more axes than `x` would add axes to the result. */
function hasTypeOf(x: string, output: string, index: GraphIndex): boolean {
  const [from, to] = [index.type(x), index.type(output)];
  const rank = from?.shape?.length;
  return rank !== undefined && rank === to?.shape?.length && from?.dtype === to.dtype;
}

function gelu(x: string, bell: string): Polynomial {
  return [
    { coefficient: 0.5, powers: new Map([[x, 1]]) },
    {
      coefficient: 0.5,
      powers: new Map([
        [x, 1],
        [bell, 1],
      ]),
    },
  ];
}

function exactArgument(x: string): Polynomial {
  return [{ coefficient: Math.SQRT1_2, powers: new Map([[x, 1]]) }];
}

/** Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016. */
function tanhArgument(x: string): Polynomial {
  const slope = Math.sqrt(2 / Math.PI);
  return [
    { coefficient: slope, powers: new Map([[x, 1]]) },
    { coefficient: slope * 0.044715, powers: new Map([[x, 3]]) },
  ];
}
