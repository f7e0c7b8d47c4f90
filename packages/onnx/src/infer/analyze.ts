import { OnnxError } from "../errors.js";
import type { Dim, Graph, Model, Node, Shape, TensorType } from "../ir/graph.js";
import { unknownName } from "../passes/edit/unknown-name.js";
import { factorsOfDim, productOf } from "./dims.js";
import type { EvaluationLimit } from "./evaluate/evaluate.js";
import { evaluate } from "./evaluate/evaluate.js";
import { findRule } from "./registry.js";
import type { AbstractValue } from "./value.js";
import { constantValue } from "./value.js";
import { NodeView } from "./view.js";

/** Sizes for named dimensions of the graph inputs, by name. */
export type DimBindings = Readonly<Record<string, number>>;

/** What is known about the values of each graph that runs: the main graph and branches of `If`. */
export type Analysis = ReadonlyMap<Graph, ReadonlyMap<string, AbstractValue>>;

interface Scope {
  readonly values: Map<string, AbstractValue>;
  readonly outer: Scope | undefined;
}

/**
 * Abstract interpretation: walks the graph once and works out types, sizes and constants of every
 * value. Branches that a constant condition rules out are not looked at, for they may be invalid
 * for the shapes at hand.
 *
 * @throws OnnxError `onnx/invalid-graph` when a node contradicts its operator's definition,
 * `onnx/unknown-name` when `dims` binds a name that no input has.
 */
export function analyze(model: Model, dims: DimBindings, limit: EvaluationLimit): Analysis {
  const bindings = new Map(Object.entries(dims));
  requireInputDims(model.graph, bindings);
  const scopes = new Map<Graph, Scope>();
  visitGraph(model.graph, undefined);
  return new Map(Array.from(scopes, ([graph, scope]) => [graph, scope.values]));

  function visitGraph(graph: Graph, outer: Scope | undefined): Scope {
    const known = scopes.get(graph);
    if (known !== undefined) return known;
    const scope: Scope = { values: new Map(), outer };
    scopes.set(graph, scope);
    for (const { name, type } of graph.inputs) {
      const isStated = type.dtype !== "undefined";
      scope.values.set(name, { type: isStated ? bindType(type, bindings) : undefined });
    }
    for (const [name, tensor] of graph.initializers) scope.values.set(name, constantValue(tensor));
    const declared = declaredTypes(graph, bindings);
    for (const node of graph.nodes) visitNode(node, scope, declared);
    return scope;
  }

  function visitNode(node: Node, scope: Scope, declared: DeclaredTypes): void {
    const opset = model.opsets.get(node.domain) ?? 1;
    const inputs = node.inputs.map((name) => lookUp(scope, name));
    const view = new NodeView(node, opset, inputs, (branch) => {
      const inner = visitGraph(branch, scope);
      return branch.outputs.map(({ name }) => lookUp(inner, name) ?? { type: undefined });
    });
    // Without a rule nothing is known of the operator, or it is not one of this operator set.
    const rule = findRule(node.domain, node.opType, opset);
    const inferred = rule?.(view);
    const types = node.outputs.map((_, index) => inferred?.[index]);
    const values =
      (inferred && evaluate(view, types, limit)) ?? types.map((type): AbstractValue => ({ type }));
    for (const [index, name] of node.outputs.entries()) {
      if (name === "") continue;
      const value = values[index] ?? { type: undefined };
      scope.values.set(name, {
        ...value,
        type: completeType(name, value.type, declared(name)),
      });
    }
  }
}

function lookUp(scope: Scope | undefined, name: string): AbstractValue | undefined {
  for (let at = scope; at !== undefined; at = at.outer) {
    const value = at.values.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function requireInputDims(graph: Graph, bindings: ReadonlyMap<string, number>): void {
  const dims = graph.inputs.flatMap(({ type }) => type.shape ?? []);
  const names = new Set(dims.filter((dim) => typeof dim === "string"));
  for (const name of bindings.keys()) {
    if (!names.has(name)) throw unknownName("named dimension of an input", name, names);
  }
}

/** The type with named dimensions replaced by their sizes. */
function bindType(type: TensorType, bindings: ReadonlyMap<string, number>): TensorType {
  if (bindings.size === 0) return type;
  const bind = (dim: Dim): Dim =>
    productOf(factorsOfDim(dim).map((name) => bindings.get(String(name)) ?? name));
  return { dtype: type.dtype, shape: type.shape?.map(bind) };
}

/** The type that a graph itself states for an inner value or output. */
type DeclaredTypes = (name: string) => TensorType | undefined;

function declaredTypes(graph: Graph, bindings: ReadonlyMap<string, number>): DeclaredTypes {
  const outputs = graph.outputs
    .filter(({ type }) => type.dtype !== "undefined")
    .map(({ name, type }) => [name, type] as const);
  const byOutput = new Map(outputs);
  return (name) => {
    const type = byOutput.get(name) ?? graph.valueTypes.get(name);
    return type && bindType(type, bindings);
  };
}

/**
 * What a declaration adds to an inferred type. Inference has the last word on sizes, because
 * declarations go stale when a model is cut, rebatched or rebound; element types must agree.
 */
function completeType(
  name: string,
  inferred: TensorType | undefined,
  declared: TensorType | undefined,
): TensorType | undefined {
  if (inferred === undefined || declared === undefined) return inferred ?? declared;
  if (inferred.dtype !== declared.dtype) {
    throw new OnnxError(
      "onnx/invalid-graph",
      `The graph declares value "${name}" as ${declared.dtype}, and its node makes ${inferred.dtype}. Correct the declared type.`,
      { subject: name },
    );
  }
  return { dtype: inferred.dtype, shape: completeShape(inferred.shape, declared.shape) };
}

function completeShape(
  inferred: Shape | undefined,
  declared: Shape | undefined,
): Shape | undefined {
  if (inferred === undefined || inferred.length !== declared?.length) return inferred ?? declared;
  return inferred.map((dim, axis) => dim ?? declared[axis]!);
}
