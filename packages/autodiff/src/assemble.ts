import {
  allNames,
  createNameGenerator,
  createNode,
  type Graph,
  type Model,
  type Node,
  prune,
  removeIdentities,
  renameValues,
  type TensorType,
  tensorOf,
  typeOfValue,
  type ValueInfo,
} from "@engraft/onnx";
import type { BackwardPass } from "./backward-pass.js";
import { orderForMemory } from "./emission-order.js";

/** A model whose outputs are a loss and its gradients. */
export interface Differentiated {
  readonly model: Model;
  /** Name of the output that holds the loss: `loss`, numbered where an input or weight has it. */
  readonly loss: string;
  /**
   * Name of the output that holds the gradient by each weight: `grad/<weight>`, numbered where an
   * input or weight has it.
   */
  readonly gradients: ReadonlyMap<string, string>;
}

/** Name of the output that holds the loss. */
const LOSS_OUTPUT = "loss";

/**
 * Frees the names that the result uses, `loss` and `grad/...`, where inner values of the model have
 * them.
 *
 * @param asked - Values that were asked for: they keep their names, as inputs and weights do.
 * @returns The model, and the name that the loss has in it.
 */
export function reserveNames(
  model: Model,
  loss: string,
  asked: readonly string[],
): { readonly model: Model; readonly loss: string } {
  const { graph } = model;
  const kept = new Set([...graph.inputs.map(({ name }) => name), ...asked]);
  const all = allNames(graph);
  const fresh = createNameGenerator(all);
  const renames = new Map<string, string>();
  for (const name of all) {
    const isTaken = (name === LOSS_OUTPUT && name !== loss) || name.startsWith("grad/");
    if (isTaken && !kept.has(name) && !graph.initializers.has(name)) {
      renames.set(name, fresh(`forward/${name}`));
    }
  }
  if (renames.size === 0) return { model, loss };
  const renamed = { ...model, graph: renameValues(graph, renames) };
  return { model: renamed, loss: renames.get(loss) ?? loss };
}

/** What the result computes. */
interface Ends {
  readonly loss: string;
  readonly weights: readonly string[];
  /** Values of the model that stay outputs. */
  readonly keep: readonly string[];
}

/** Joins the forward graph and the backward nodes to a model of the loss and the gradients. */
export function assemble(
  model: Model,
  { loss, weights, keep }: Ends,
  pass: BackwardPass,
): Differentiated {
  const { graph } = model;
  const isWeight = new Set(weights);
  const chainEnds = Array.from(pass.gradients).flatMap(([value, gradient]) =>
    isWeight.has(value) ? [] : [gradient],
  );
  const backward = orderForMemory(pass.nodes, chainEnds).map(({ node }) => node);
  const fresh = createNameGenerator(allNames(graph));
  const lossOutput = loss === LOSS_OUTPUT ? loss : fresh(LOSS_OUTPUT);
  const ends: Node[] = loss === lossOutput ? [] : [createNode("Identity", [loss], [lossOutput])];
  const outputs: ValueInfo[] = [{ name: lossOutput, type: typeOfValue(graph, loss)! }];
  const gradients = new Map<string, string>();
  const initializers = new Map([...graph.initializers, ...pass.initializers]);
  const inputs = [...graph.inputs];
  for (const weight of weights) {
    const type = typeOfValue(graph, weight)!;
    const gradient = pass.gradients.get(weight);
    const output = fresh(`grad/${weight}`);
    ends.push(
      ...(gradient === undefined
        ? zerosLike(weight, type, output, fresh(`${output}/shape`))
        : [createNode("Identity", [gradient], [output])]),
    );
    outputs.push({ name: output, type });
    gradients.set(weight, output);
    if (initializers.delete(weight)) inputs.push({ name: weight, type });
  }
  outputs.push(...keep.map((name) => ({ name, type: typeOfValue(graph, name)! })));
  const forward = graph.nodes.flatMap((node) => pass.rewritten.get(node) ?? [node]);
  const nodes = [...forward, ...backward, ...ends];
  const joined: Graph = { ...graph, nodes, inputs, outputs, initializers };
  return {
    model: { ...model, graph: removeIdentities(prune(joined)) },
    loss: lossOutput,
    gradients,
  };
}

/** The gradient by a weight that the loss does not depend on. */
function zerosLike(weight: string, { dtype }: TensorType, output: string, shape: string): Node[] {
  const value = tensorOf(dtype === "float64" ? "float64" : "float32", [1], [0]);
  return [
    createNode("Shape", [weight], [shape]),
    createNode("ConstantOfShape", [shape], [output], { value }),
  ];
}
