import { OnnxError } from "../errors.js";
import { describeNode } from "../ir/attributes.js";
import type { Graph, Model, Node } from "../ir/graph.js";
import { definitionsOf, subgraphsOf } from "../ir/scope.js";
import type { Tensor } from "../ir/tensor.js";
import { elementCount } from "../ir/tensor-data.js";

/**
 * Checks the rules of the IR that hold for every operator: each value is defined once, before it is
 * read, and does not hide one of an outer graph; outputs exist; tensors have as many elements as
 * their dimensions say; each node's domain has an operator set.
 *
 * @throws OnnxError `onnx/invalid-graph` with every problem in its message.
 */
export function verify(model: Model): void {
  const problems: string[] = [];
  if (model.irVersion < 4) {
    problems.push(
      `IR version ${model.irVersion} does not know constant initializers; use 4 or later`,
    );
  }
  checkGraph(model.graph, new Set(), { opsets: model.opsets, problems });
  if (problems.length === 0) return;
  throw new OnnxError(
    "onnx/invalid-graph",
    `The graph "${model.graph.name}" breaks the rules of ONNX:\n${problems.map((problem) => `- ${problem}`).join("\n")}`,
  );
}

interface Check {
  readonly opsets: ReadonlyMap<string, number>;
  readonly problems: string[];
}

/** `outer` holds the values of the enclosing graphs that are defined where this graph stands. */
function checkGraph(graph: Graph, outer: ReadonlySet<string>, check: Check): void {
  const visible = new Set(outer);
  const own = new Set<string>();
  const define = (name: string, where: string): void => {
    if (name === "") check.problems.push(`${where} has no name`);
    if (visible.has(name)) check.problems.push(`${where} defines "${name}" again`);
    visible.add(name);
    own.add(name);
  };
  for (const input of graph.inputs) define(input.name, "an input");
  for (const [name, tensor] of graph.initializers) {
    define(name, "an initializer");
    checkTensor(tensor, `initializer "${name}"`, check);
  }
  const defined = definitionsOf(graph);
  for (const node of graph.nodes) {
    checkNode(node, visible, defined, check);
    for (const output of node.outputs) {
      if (output !== "") define(output, describeNode(node));
    }
  }
  checkOutputs(graph, own, check);
}

function checkNode(
  node: Node,
  visible: ReadonlySet<string>,
  defined: ReadonlySet<string>,
  check: Check,
): void {
  const where = describeNode(node);
  if (!check.opsets.has(node.domain)) {
    check.problems.push(`${where}: the model names no operator set for domain "${node.domain}"`);
  }
  for (const input of node.inputs) {
    if (input === "" || visible.has(input)) continue;
    const reason = defined.has(input) ? "before it is computed" : "which nothing defines";
    check.problems.push(`${where} reads "${input}", ${reason}`);
  }
  for (const [name, attribute] of node.attributes) {
    if (attribute.kind === "tensor") checkTensor(attribute.value, `"${name}" of ${where}`, check);
  }
  for (const subgraph of subgraphsOf(node)) checkGraph(subgraph, visible, check);
}

function checkOutputs(graph: Graph, own: ReadonlySet<string>, check: Check): void {
  const seen = new Set<string>();
  for (const { name } of graph.outputs) {
    if (!own.has(name)) {
      check.problems.push(`output "${name}" of graph "${graph.name}" is not computed in it`);
    }
    if (seen.has(name)) check.problems.push(`output "${name}" is listed twice`);
    seen.add(name);
  }
}

function checkTensor(tensor: Tensor, where: string, check: Check): void {
  const valid = tensor.dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  if (valid && tensor.data.length === elementCount(tensor.dims)) return;
  check.problems.push(
    `${where} has shape [${tensor.dims.join(", ")}] and ${tensor.data.length} elements`,
  );
}
