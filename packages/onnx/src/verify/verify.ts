import { OnnxError } from "../errors.js";
import { describeNode } from "../ir/attributes.js";
import type { Graph, Model, Node } from "../ir/graph.js";
import { definitionsOf, subgraphsOf } from "../ir/scope.js";
import { describeCycle, findCycle } from "../ir/sort.js";
import type { Tensor } from "../ir/tensor/tensor.js";
import { elementCount } from "../ir/tensor/tensor-data.js";
import { unreadData } from "../ir/tensor/unread-tensor.js";
import { arityProblems } from "./arity.js";

/** A message names so many problems and counts the others. */
const MAX_PROBLEMS = 20;

/**
 * Checks the rules of the IR that hold for every model: each value is defined once, before it is
 * read, and does not hide one of an outer graph; nodes form no cycle and have as many inputs and
 * outputs as their operator; outputs exist; tensors have as many elements as their dimensions say;
 * each node's domain has an operator set.
 *
 * Decoding does this for every model that is read, so that everything after it may rely on it.
 *
 * @throws OnnxError `onnx/invalid-graph` with the problems in its message, the first 20 of them.
 */
export function verify(model: Model): void {
  const problems: string[] = [];
  if (model.irVersion < 4) {
    problems.push(
      `IR version ${model.irVersion} does not know constant initializers; use 4 or later`,
    );
  }
  checkGraph(model.graph, undefined, { opsets: model.opsets, problems });
  if (problems.length === 0) return;
  const listed = problems.slice(0, MAX_PROBLEMS).map((problem) => `- ${problem}`);
  const others = problems.length - listed.length;
  if (others > 0) listed.push(`- and ${others} more`);
  throw new OnnxError(
    "onnx/invalid-graph",
    `The graph "${model.graph.name}" breaks the rules of ONNX:\n${listed.join("\n")}`,
  );
}

interface Check {
  readonly opsets: ReadonlyMap<string, number>;
  readonly problems: string[];
}

/** A graph that is checked, and the graph around it. */
interface Scope {
  readonly graph: Graph;
  /** What is defined so far. */
  readonly own: Set<string>;
  /** All that the graph defines; collected when a node reads what is not defined so far. */
  all?: ReadonlySet<string>;
  readonly outer: Scope | undefined;
}

function isVisible(scope: Scope | undefined, name: string): boolean {
  for (let at = scope; at !== undefined; at = at.outer) if (at.own.has(name)) return true;
  return false;
}

function checkGraph(graph: Graph, outer: Scope | undefined, check: Check): void {
  const scope: Scope = { graph, own: new Set(), outer };
  const define = (name: string, where: () => string): void => {
    if (name === "") check.problems.push(`${where()} has no name`);
    if (isVisible(scope, name)) check.problems.push(`${where()} defines "${name}" again`);
    scope.own.add(name);
  };
  for (const input of graph.inputs) define(input.name, () => "an input");
  for (const [name, tensor] of graph.initializers) {
    define(name, () => "an initializer");
    checkTensor(tensor, () => `initializer "${name}"`, check);
  }
  let isOrdered = true;
  for (const node of graph.nodes) {
    isOrdered = checkNode(node, scope, check) && isOrdered;
    for (const output of node.outputs) {
      if (output !== "") define(output, () => describeNode(node));
    }
  }
  if (!isOrdered) checkCycle(graph, check);
  for (const { name } of graph.outputs) {
    if (scope.own.has(name)) continue;
    check.problems.push(`output "${name}" of graph "${graph.name}" is not computed in it`);
  }
}

/** Returns false when the node reads a value that is computed later. */
function checkNode(node: Node, scope: Scope, check: Check): boolean {
  const opset = check.opsets.get(node.domain);
  if (opset === undefined) {
    check.problems.push(
      `${describeNode(node)}: the model names no operator set for domain "${node.domain}"`,
    );
  } else {
    for (const problem of arityProblems(node, opset)) check.problems.push(problem);
  }
  let isOrdered = true;
  for (const input of node.inputs) {
    if (input === "" || isVisible(scope, input)) continue;
    scope.all ??= definitionsOf(scope.graph);
    const isLater = scope.all.has(input);
    if (isLater) isOrdered = false;
    const reason = isLater ? "before it is computed" : "which nothing defines";
    check.problems.push(`${describeNode(node)} reads "${input}", ${reason}`);
  }
  for (const [name, attribute] of node.attributes) {
    const where = () => `"${name}" of ${describeNode(node)}`;
    if (attribute.kind === "tensor") checkTensor(attribute.value, where, check);
    if (attribute.kind === "tensors")
      for (const tensor of attribute.value) checkTensor(tensor, where, check);
  }
  for (const subgraph of subgraphsOf(node)) checkGraph(subgraph, scope, check);
  return isOrdered;
}

function checkCycle(graph: Graph, check: Check): void {
  const cycle = findCycle(graph.nodes);
  if (cycle !== undefined) check.problems.push(`the nodes form a cycle: ${describeCycle(cycle)}`);
}

function checkTensor(tensor: Tensor, where: () => string, check: Check): void {
  // Raw data was measured when it was found.
  if (unreadData(tensor) !== undefined) return;
  const valid = tensor.dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  if (valid && tensor.data.length === elementCount(tensor.dims)) return;
  check.problems.push(
    `${where()} has shape [${tensor.dims.join(", ")}] and ${tensor.data.length} elements`,
  );
}
