import { expect, it } from "vitest";
import { createGraph, createModel, createNode, valueInfo } from "../ir/build.js";
import type { Model, Node } from "../ir/graph.js";
import { tensorOf } from "../ir/tensor/tensor-data.js";
import { verify } from "../verify/verify.js";
import { findWeights } from "../weights/find-weights.js";
import { normalize } from "./normalize.js";

/** How often the inputs of nodes were asked for. */
interface Counter {
  reads: number;
}

/** The node, which counts how often a walk over the graph comes by. */
function counted(node: Node, counter: Counter): Node {
  const { inputs } = node;
  return Object.defineProperty({ ...node }, "inputs", {
    enumerable: true,
    get() {
      counter.reads++;
      return inputs;
    },
  });
}

type Chain = (length: number, counter: Counter) => Model;

const x = valueInfo("x", "float32", ["batch", 4]);
const valueAt = (index: number, length: number): string =>
  index === 0 ? "x" : index === length ? "y" : `v${index}`;

const activations: Chain = (length, counter) => {
  const nodes = Array.from({ length }, (_, index) =>
    createNode("Relu", [valueAt(index, length)], [valueAt(index + 1, length)]),
  );
  return modelOf(nodes, [], counter);
};

const biases: Chain = (length, counter) => {
  const nodes = Array.from({ length }, (_, index) =>
    createNode("Add", [valueAt(index, length), `${index}.bias`], [valueAt(index + 1, length)]),
  );
  const initializers = Array.from(
    { length },
    (_, index) => [`${index}.bias`, tensorOf("float32", [4], [index, 1, 2, 3])] as const,
  );
  return modelOf(nodes, initializers, counter);
};

function modelOf(
  nodes: readonly Node[],
  initializers: readonly (readonly [string, ReturnType<typeof tensorOf>])[],
  counter: Counter,
): Model {
  const graph = createGraph({
    nodes: nodes.map((node) => counted(node, counter)),
    inputs: [x],
    outputs: [{ ...x, name: "y" }],
    initializers,
  });
  return createModel({ graph });
}

function readsFor(chain: Chain, length: number): number {
  const counter = { reads: 0 };
  const model = chain(length, counter);
  counter.reads = 0;
  verify(model);
  findWeights(normalize(model));
  return counter.reads;
}

it.each([
  ["activations", activations, 40],
  ["biases", biases, 70],
])("twice as many nodes are twice the work: a chain of %s", (_kind, chain, most) => {
  const [half, whole] = [readsFor(chain, 200), readsFor(chain, 400)];
  expect(half).toBeGreaterThan(200);
  expect(whole).toBeLessThan(2.01 * half);
  // A pass that walks the graph again, though no node concerns it, shows here.
  expect(whole / 400).toBeLessThan(most);
});
