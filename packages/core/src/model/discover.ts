import { type Graph, type Model, type Node, renameValues, type Tensor } from "@engraft/onnx";

/** A weight that was found in a graph. */
export interface FoundWeight {
  /** Dotted path; the initializer has the same name. */
  readonly name: string;
  readonly kind: "parameter" | "state";
  readonly tensor: Tensor<"float32">;
}

/** A model whose weights have dotted names, and where each node belongs. */
export interface Discovered {
  readonly model: Model;
  /** In the order in which the graph reads them. */
  readonly weights: readonly FoundWeight[];
}

/** Inputs of operators that hold weights, by position; a number from which all do. */
const WEIGHT_INPUTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  Gather: [0],
  BatchNormalization: [1, 2, 3, 4],
  InstanceNormalization: [1, 2],
  GroupNormalization: [1, 2],
  LayerNormalization: [1, 2],
  RMSNormalization: [1],
  PRelu: [1],
  Add: [0, 1],
  Mul: [0, 1],
  LSTM: [1, 2, 3],
  GRU: [1, 2, 3],
  RNN: [1, 2, 3],
};

/** What a weight is called where its exporter has given it no name of its own. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  Conv: ["", "weight", "bias"],
  ConvTranspose: ["", "weight", "bias"],
  Gemm: ["weight", "weight", "bias"],
  MatMul: ["weight", "weight"],
  Gather: ["weight"],
  BatchNormalization: ["", "weight", "bias", "running_mean", "running_var"],
  LayerNormalization: ["", "weight", "bias"],
  Add: ["bias", "bias"],
  Mul: ["scale", "scale"],
};

/**
 * Finds the weights of a graph and gives them dotted names.
 *
 * A float initializer is a weight where an operator reads it as one: a matrix that is multiplied by,
 * a kernel, a table that is looked up, the scale and shift of a normalisation, a vector that is added
 * or multiplied. Single numbers (an epsilon, a scale of attention) are none, unless they have a name
 * as modules give it. PyTorch's parameters keep their names; `onnx::MatMul_123`, Keras'
 * `model/dense/MatMul/ReadVariableOp:0` and the like are named after the node that reads them.
 */
export function discoverWeights(model: Model): Discovered {
  const { graph } = model;
  const found = new Map<string, FoundWeight>();
  const renames = new Map<string, string>();
  const scopes = knownScopes(graph);
  const taken = new Set(graph.initializers.keys());
  for (const node of graph.nodes) {
    node.inputs.forEach((input, position) => {
      const tensor = graph.initializers.get(input);
      if (tensor?.dtype !== "float32" || found.has(input)) return;
      if (!isWeight(node, position, input, tensor)) return;
      const name = dottedName(node, position, input, scopes);
      const free = name === input ? name : freeName(name, taken);
      if (free !== input) renames.set(input, free);
      taken.add(free);
      const isState = node.opType === "BatchNormalization" && position > 2;
      found.set(input, { name: free, kind: isState ? "state" : "parameter", tensor });
    });
  }
  return {
    model: { ...model, graph: renameValues(graph, renames) },
    weights: [...found.values()],
  };
}

function isWeight(node: Node, position: number, name: string, tensor: Tensor): boolean {
  if (isParameterName(name)) return true;
  const isSingle = tensor.dims.every((size) => size === 1);
  return !isSingle && (WEIGHT_INPUTS[node.opType]?.includes(position) ?? false);
}

/** `encoder.layer.0.attention.query.weight`: parts joined by dots, the last one a role. */
function isParameterName(name: string): boolean {
  const plain = withoutCast(name);
  return !plain.includes("/") && !plain.includes("::") && /^[^.]+(\.[^.]+)+$/.test(plain);
}

/** Weights that were stored as halves carry the type that they were widened to. */
function withoutCast(name: string): string {
  return name.replace(/\/float32$/, "");
}

function dottedName(node: Node, position: number, name: string, scopes: readonly string[]): string {
  if (isParameterName(name)) return withoutCast(name);
  const role = ROLES[node.opType]?.[position] ?? "weight";
  const path = scopeOf(node, scopes) || pathOf(name);
  return path === "" ? role : `${path}.${role}`;
}

/** Paths of all modules that parameters are named after. */
function knownScopes({ initializers }: Graph): string[] {
  const scopes = new Set<string>();
  for (const name of initializers.keys()) {
    if (!isParameterName(name)) continue;
    const parts = withoutCast(name).split(".");
    for (let end = 1; end < parts.length; end++) scopes.add(parts.slice(0, end).join("."));
  }
  return [...scopes];
}

/**
 * The module that a node was exported from. Exporters leave out outer modules (`/layer.0/attention`
 * for `encoder.layer.0.attention`), which the names of parameters still have.
 */
export function scopeOf(node: Node, scopes: readonly string[]): string {
  const path = dynamoScope(node) ?? pathOf(node.name);
  if (path === "" || scopes.includes(path)) return path;
  const ending = scopes.filter((scope) => scope.endsWith(`.${path}`));
  return ending.length === 1 ? ending[0]! : path;
}

/** The dynamo exporter lists the scopes of a node from the outside in, the node itself last. */
function dynamoScope(node: Node): string | undefined {
  const scopes = node.metadata.get("pkg.torch.onnx.name_scopes");
  const names =
    scopes === undefined ? [] : Array.from(scopes.matchAll(/'([^']*)'/g), ([, s]) => s!);
  return names.at(-2);
}

/** `/layer.0/attention/MatMul` is in `layer.0.attention`, `model/dense/MatMul/ReadVariableOp:0` in `model.dense`. */
function pathOf(name: string): string {
  const parts = name
    .replace(/:\d+$/, "")
    .split("/")
    .filter((part) => part !== "" && !part.startsWith("ReadVariableOp"));
  return parts.slice(0, -1).join(".");
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let count = 1; ; count++) if (!taken.has(`${name}_${count}`)) return `${name}_${count}`;
}
