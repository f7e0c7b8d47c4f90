import { graphAttribute } from "../../ir/attributes.js";
import { createNode } from "../../ir/build.js";
import type { Graph, Node } from "../../ir/graph.js";
import { createNameGenerator } from "../../ir/names.js";
import { allNames, definitionsOf } from "../../ir/scope.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { renameValues } from "../edit/rename-values.js";

/**
 * Replaces each `If` of the graph whose condition is an initializer by the nodes of the branch that
 * it takes. Values of the branch keep their names where these are free. Returns the same graph when
 * there is no such node. `If` inside other branches stays.
 */
export function inlineConditionals(graph: Graph): Graph {
  const undecided = graph.nodes.filter(
    (node) => takenBranch(node, graph.initializers) === undefined,
  );
  if (undecided.length === graph.nodes.length) return graph;
  const fresh = createNameGenerator([
    ...allNames({ ...graph, nodes: undecided }),
    ...definitionsOf(graph),
  ]);
  const initializers = new Map(graph.initializers);
  const valueTypes = new Map(graph.valueTypes);
  const nodes = graph.nodes.flatMap((node) => {
    const branch = takenBranch(node, graph.initializers);
    if (branch === undefined) return [node];
    const renames = new Map(Array.from(definitionsOf(branch), (name) => [name, fresh(name)]));
    const renamed = renameValues(branch, renames);
    for (const [name, tensor] of renamed.initializers) initializers.set(name, tensor);
    for (const [name, type] of renamed.valueTypes) valueTypes.set(name, type);
    const results = renamed.outputs.map(({ name }, index) =>
      createNode("Identity", [name], [node.outputs[index] ?? ""]),
    );
    return [...renamed.nodes, ...results.filter(({ outputs }) => outputs[0] !== "")];
  });
  return { ...graph, nodes, initializers, valueTypes };
}

/** The branch that a constant condition picks; `undefined` for every other node. */
function takenBranch(node: Node, initializers: ReadonlyMap<string, Tensor>): Graph | undefined {
  if (node.opType !== "If" || node.domain !== "") return undefined;
  const condition = initializers.get(node.inputs[0] ?? "");
  if (condition === undefined) return undefined;
  return graphAttribute(node, condition.data[0] ? "then_branch" : "else_branch");
}
