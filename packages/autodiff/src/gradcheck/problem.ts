import {
  createGraph,
  createModel,
  createNode,
  type Dim,
  elementCount,
  inferTypes,
  type Model,
  type Node,
  type Shape,
  type Tensor,
  tensorOf,
  typeOfValue,
  type ValueInfo,
} from "@engraft/onnx";
import type { CaseInput, GradientCase } from "./case.js";
import { randomFrom } from "./random.js";

export type FloatType = "float32" | "float64";

/** Whether dimensions of the inputs are numbers or names. */
export type Dimensions = "static" | "named";

/** A case in one element type, with values. */
export interface Problem {
  readonly item: GradientCase;
  readonly dtype: FloatType;
  /** By name, `x0` for the first input. */
  readonly values: ReadonlyMap<string, Tensor>;
  /** Names of the inputs to differentiate by. */
  readonly wrt: readonly string[];
  /** Names of the outputs that the loss reads. */
  readonly outputs: readonly string[];
}

/** Draws the inputs of a case; float64 values are those of float32. */
export function createProblem(item: GradientCase, dtype: FloatType): Problem {
  const random = randomFrom(`${item.operator} ${item.name}`);
  const values = new Map<string, Tensor>();
  const wrt: string[] = [];
  for (const [index, input] of item.inputs.entries()) {
    if (input === null) continue;
    const drawn = input.values(random, elementCount(input.dims));
    const isFloat = input.dtype === "float";
    const rounded = isFloat ? drawn.map(Math.fround) : drawn;
    values.set(
      `x${index}`,
      tensorOf(input.dtype === "float" ? dtype : input.dtype, input.dims, rounded),
    );
    if (input.differentiate ?? isFloat) wrt.push(`x${index}`);
  }
  const problem = { item, dtype, values, wrt, outputs: [] };
  const { graph } = inferTypes(forwardModel(problem, "static"));
  const outputs = outputNames(item).filter(
    (name, index) =>
      (item.read?.includes(index) ?? true) && typeOfValue(graph, name)?.dtype === dtype,
  );
  return { ...problem, outputs };
}

function outputNames(item: GradientCase): string[] {
  return Array.from({ length: item.outputs ?? 1 }, (_, index) => `y${index}`);
}

function nodeOf(item: GradientCase): Node {
  return createNode(
    item.operator,
    item.inputs.map((input, index) => (input === null ? "" : `x${index}`)),
    outputNames(item),
    item.attributes,
    { name: item.operator },
  );
}

/** The case's node alone, with the outputs that the loss reads. */
export function forwardModel(problem: Problem, dimensions: Dimensions): Model {
  const { item, values, outputs, dtype } = problem;
  const isConstant = (name: string) => inputOf(item, name).constant === true;
  const named = Array.from(values);
  const graph = createGraph({
    nodes: [nodeOf(item)],
    inputs: named
      .filter(([name]) => !isConstant(name))
      .map(([name, tensor]) => fedValue(item, name, tensor, dimensions)),
    outputs: outputs.map((name) => ({ name, type: { dtype, shape: undefined } })),
    initializers: named.filter(([name]) => isConstant(name)),
  });
  return createModel({ graph, opset: item.opset ?? 21, irVersion: 10 });
}

/** The forward model with the sum of the seeded outputs as `loss`; the seeds are inputs. */
export function lossModel(problem: Problem, dimensions: Dimensions): Model {
  const model = inferTypes(forwardModel(problem, dimensions));
  const { graph } = model;
  const { dtype, outputs } = problem;
  const nodes = [...graph.nodes];
  const seeds: ValueInfo[] = [];
  const parts = outputs.map((name) => {
    const shape: Shape | undefined = typeOfValue(graph, name)?.shape;
    seeds.push({ name: seedOf(name), type: { dtype, shape } });
    nodes.push(
      createNode("Mul", [name, seedOf(name)], [`${name}/seeded`]),
      createNode("ReduceSum", [`${name}/seeded`], [`${name}/sum`], { keepdims: 0 }),
    );
    return `${name}/sum`;
  });
  nodes.push(createNode("Sum", parts, ["loss"]));
  return {
    ...model,
    graph: createGraph({
      nodes,
      inputs: [...graph.inputs, ...seeds],
      outputs: [{ name: "loss", type: { dtype, shape: [] } }],
      initializers: graph.initializers,
    }),
  };
}

/** Name of the input that weighs the elements of an output. */
export function seedOf(output: string): string {
  return `${output}/seed`;
}

/** The tensors that are fed: all but the initializers. */
export function feedsOf({ item, values }: Problem): Map<string, Tensor> {
  return new Map(Array.from(values).filter(([name]) => inputOf(item, name).constant !== true));
}

function inputOf(item: GradientCase, name: string): CaseInput {
  return item.inputs[Number(name.slice(1))]!;
}

/** Equal sizes get equal names, so that names tell what a size of 1 may broadcast to. */
function fedValue(
  item: GradientCase,
  name: string,
  { dtype, dims }: Tensor,
  dimensions: Dimensions,
): ValueInfo {
  const { dynamic = "all" } = item;
  const isNamed = (axis: number) =>
    dimensions === "named" && (dynamic === "all" || (dynamic === "first" && axis === 0));
  const shape = dims.map((dim, axis): Dim => (isNamed(axis) ? `size${dim}` : dim));
  return { name, type: { dtype, shape } };
}
