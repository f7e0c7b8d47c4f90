import type { Node } from "../../ir/graph.js";
import { type GraphIndex, isFloatCast } from "./graph-index.js";
import {
  add,
  constant,
  constantOf,
  multiply,
  type Polynomial,
  power,
  variable,
} from "./polynomial.js";

/** What a value is in terms of others, and the nodes that compute it from them. */
export interface Expression {
  readonly polynomial: Polynomial;
  readonly nodes: ReadonlySet<Node>;
}

/** How many nodes a pattern may be deep. */
const MAX_DEPTH = 8;

const arithmetic: ReadonlySet<string> = new Set([
  ...["Add", "Sub", "Mul", "Div", "Neg", "Pow", "Sqrt", "Reciprocal"],
]);

/** Casts between float types leave a value as it is, up to rounding. */
function isArithmetic(node: Node): boolean {
  return node.domain === "" && (arithmetic.has(node.opType) || isFloatCast(node));
}

/**
 * Writes a value as a polynomial in `atoms`. Whatever does not depend on an atom (a weight, say) is a
 * variable of its own.
 */
export function expressionOf(
  name: string,
  atoms: ReadonlySet<string>,
  index: GraphIndex,
  depth: number = MAX_DEPTH,
): Expression {
  const opaque: Expression = { polynomial: variable(name), nodes: new Set() };
  if (atoms.has(name)) return opaque;
  const scalar = index.scalar(name);
  if (scalar !== undefined) return { polynomial: constant(scalar), nodes: new Set() };
  const node = index.producer(name);
  if (node === undefined || depth === 0 || !isArithmetic(node)) return opaque;
  const operands = node.inputs.map((input) => expressionOf(input, atoms, index, depth - 1));
  const polynomial = combine(
    node.opType,
    operands.map((operand) => operand.polynomial),
  );
  const dependsOnAtom = polynomial?.some(({ powers }) =>
    Array.from(powers.keys()).some((factor) => atoms.has(factor)),
  );
  if (polynomial === undefined || !dependsOnAtom) return opaque;
  return { polynomial, nodes: new Set([node, ...operands.flatMap(({ nodes }) => [...nodes])]) };
}

function combine(opType: string, operands: readonly Polynomial[]): Polynomial | undefined {
  const [a = [], b = []] = operands;
  const negative = (operand: Polynomial) => multiply(constant(-1), operand);
  const sum = (right: Polynomial | undefined) => right && add(a, right);
  const product = (right: Polynomial | undefined) => right && multiply(a, right);
  switch (opType) {
    case "Add":
      return add(a, b);
    case "Sub":
      return sum(negative(b));
    case "Mul":
      return multiply(a, b);
    case "Div":
      return product(power(b, -1));
    case "Neg":
      return negative(a);
    case "Sqrt":
      return power(a, 0.5);
    case "Cast":
      return a;
    case "Reciprocal":
      return power(a, -1);
    default: {
      const exponent = constantOf(b);
      return exponent === undefined ? undefined : power(a, exponent);
    }
  }
}

/** Values that arithmetic reaches from `name` within a pattern's depth, nearest first. */
export function valuesAfter(name: string, index: GraphIndex): string[] {
  return walk(name, (value) =>
    index
      .readers(value)
      .filter(isArithmetic)
      .map((node) => node.outputs[0]!),
  );
}

/** Values that arithmetic computes `name` from within a pattern's depth, nearest first. */
export function valuesBefore(name: string, index: GraphIndex): string[] {
  return walk(name, (value) => {
    const node = index.producer(value);
    return node !== undefined && isArithmetic(node) ? node.inputs : [];
  });
}

function walk(start: string, neighbours: (name: string) => readonly string[]): string[] {
  const found = new Set([start]);
  let frontier = [start];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    frontier = frontier.flatMap(neighbours).filter((name) => !found.has(name));
    for (const name of frontier) found.add(name);
  }
  found.delete(start);
  return [...found];
}
