import {
  describeNode,
  type Graph,
  intAttribute,
  intsAttribute,
  type Node,
  type Tensor,
} from "@engraft/onnx/graph";

/** Size of each axis; null is the number of inputs, which is not known. */
export type HeadShape = readonly (number | null)[];

/** A node of a head with what it reads. */
interface Reading {
  readonly node: Node;
  readonly shapes: readonly HeadShape[];
  /** The whole numbers of a constant that is read. */
  readonly constant: (input: number) => readonly number[];
}

/**
 * The operators that heads are made of, each with the shapes of its outputs in the form in which heads
 * have it. None of them holds a graph of its own, so that a head always comes to an end.
 */
const OPERATORS: ReadonlyMap<string, (reading: Reading) => HeadShape[]> = new Map([
  ["Add", elementwise],
  ["Sub", elementwise],
  ["Mul", elementwise],
  ["Div", elementwise],
  ["Max", elementwise],
  ["Log", elementwise],
  ["Sqrt", elementwise],
  ["Softmax", alongLabels],
  ["LogSoftmax", alongLabels],
  ["ReduceSumSquare", reduceSumSquare],
  ["Gemm", gemm],
  ["MatMul", matMul],
  ["Slice", slice],
  ["Concat", concat],
  ["TopK", topK],
  ["Gather", gather],
  ["Unsqueeze", unsqueeze],
  ["Squeeze", squeeze],
]);

/**
 * The shape of every value of a head.
 *
 * @throws Error with the reason, where the graph is not one that Engraft writes for a head.
 */
export function headShapes(graph: Graph): ReadonlyMap<string, HeadShape> {
  const shapes = new Map<string, HeadShape>();
  for (const { name, type } of graph.inputs) {
    const sizes = type.shape?.map((dim) => (typeof dim === "number" ? dim : null));
    if (type.dtype !== "float32" || sizes === undefined) throw new Error(`"${name}" has no shape`);
    shapes.set(name, sizes);
  }
  for (const [name, { dims, dtype }] of graph.initializers) {
    if (!["float32", "int64"].includes(dtype)) throw new Error(`"${name}" is of type ${dtype}`);
    shapes.set(name, dims);
  }
  for (const node of graph.nodes) {
    const outputs = shapesOf(node, shapes, graph.initializers);
    for (const [index, name] of node.outputs.entries()) {
      if (shapes.has(name)) throw new Error(`"${name}" is defined twice`);
      shapes.set(name, outputs[index]!);
    }
  }
  return shapes;
}

function shapesOf(
  node: Node,
  known: ReadonlyMap<string, HeadShape>,
  initializers: Graph["initializers"],
): readonly HeadShape[] {
  const rule = node.domain === "" ? OPERATORS.get(node.opType) : undefined;
  if (rule === undefined) throw new Error(`heads have no ${describeNode(node)}`);
  const shapes = node.inputs.map((input) => {
    const shape = known.get(input);
    if (shape === undefined) throw new Error(`${describeNode(node)} reads "${input}" too early`);
    return shape;
  });
  const constant = (input: number) =>
    wholeNumbers(initializers.get(node.inputs[input] ?? ""), node);
  const outputs = shapes.length === 0 ? [] : rule({ node, shapes, constant });
  requireThat(node, outputs.length === node.outputs.length);
  return outputs;
}

function wholeNumbers(tensor: Tensor | undefined, node: Node): readonly number[] {
  requireThat(node, tensor?.dtype === "int64");
  return Array.from(tensor!.data as BigInt64Array, Number);
}

function requireThat(node: Node, holds: boolean): void {
  if (!holds) throw new Error(`${describeNode(node)} does not fit what it reads`);
}

/** ONNX broadcasting: axes are aligned at the end, and a size of 1 fits every other. */
function elementwise({ node, shapes }: Reading): HeadShape[] {
  const joined = shapes.reduce((a, b) => {
    const rank = Math.max(a.length, b.length);
    return Array.from({ length: rank }, (_, axis) => {
      const [x, y] = [a, b].map((shape) => at(shape, axis - rank + shape.length));
      requireThat(node, x === y || x === 1 || y === 1);
      return x === 1 ? y! : x!;
    });
  });
  return [joined];
}

function at(shape: HeadShape, axis: number): number | null {
  return axis < 0 ? 1 : shape[axis]!;
}

function alongLabels({ node, shapes: [shape] }: Reading): HeadShape[] {
  requireThat(node, shape!.length === 2 && intAttribute(node, "axis") === 1);
  return [shape!];
}

function reduceSumSquare({ node, shapes: [shape] }: Reading): HeadShape[] {
  const axes = intsAttribute(node, "axes", []);
  requireThat(node, shape!.length === 2 && axes.join() === "1" && node.inputs.length === 1);
  return [[shape![0]!, 1]];
}

/** x [batch, n] · W [m, n] transposed + b [m] */
function gemm({ node, shapes: [x, weights, bias] }: Reading): HeadShape[] {
  const [rows, columns] = weights ?? [];
  const transposed = intAttribute(node, "transA", 0) === 0 && intAttribute(node, "transB", 0) === 1;
  requireThat(node, transposed && x!.length === 2 && weights?.length === 2 && x![1] === columns);
  requireThat(node, bias === undefined || (bias.length === 1 && bias[0] === rows));
  return [[x![0]!, rows!]];
}

/** [batch, 1, k] · [batch, k, labels] */
function matMul({ node, shapes: [a, b] }: Reading): HeadShape[] {
  requireThat(node, a!.length === 3 && b?.length === 3 && a![0] === b[0] && a![2] === b[1]);
  return [[a![0]!, a![1]!, b![2]!]];
}

/** Some columns of [batch, n]: a start, an end and the axis, each a constant. */
function slice({ node, shapes: [x], constant }: Reading): HeadShape[] {
  const [[start = -1], [end = -1], axes] = [constant(1), constant(2), constant(3)];
  const within = x!.length === 2 && 0 <= start && start < end && end <= (x![1] ?? 0);
  requireThat(node, within && axes.join() === "1" && node.inputs.length === 4);
  return [[x![0]!, end - start]];
}

function concat({ node, shapes }: Reading): HeadShape[] {
  const together = shapes.every((shape) => shape.length === 2 && shape[0] === shapes[0]![0]);
  requireThat(node, together && intAttribute(node, "axis") === 1);
  return [[shapes[0]![0]!, shapes.reduce((sum, shape) => sum + (shape[1] ?? Number.NaN), 0)]];
}

/** The largest of [batch, n] and where they are. */
function topK({ node, shapes: [x], constant }: Reading): HeadShape[] {
  const [k = 0] = constant(1);
  const within = x!.length === 2 && k >= 1 && k <= (x![1] ?? 0);
  requireThat(node, within && intAttribute(node, "axis") === 1);
  return [
    [x![0]!, k],
    [x![0]!, k],
  ];
}

/** Rows of a table at positions. */
function gather({ node, shapes: [table, positions] }: Reading): HeadShape[] {
  requireThat(node, table!.length === 2 && intAttribute(node, "axis", 0) === 0);
  return [[...(positions ?? []), table![1]!]];
}

function unsqueeze({ node, shapes: [x], constant }: Reading): HeadShape[] {
  requireThat(node, x!.length === 2 && constant(1).join() === "1");
  return [[x![0]!, 1, x![1]!]];
}

function squeeze({ node, shapes: [x], constant }: Reading): HeadShape[] {
  requireThat(node, x!.length === 3 && x![1] === 1 && constant(1).join() === "1");
  return [[x![0]!, x![2]!]];
}
