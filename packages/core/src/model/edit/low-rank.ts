import {
  createNode,
  type Graph,
  type Node,
  type Model as OnnxModel,
  readsOf,
  renameValues,
  type Tensor,
  tensorOf,
} from "@engraft/onnx";
import type { Random } from "../../random/random.js";

/** A matrix and the two thin ones whose product is added to it. */
interface LowRank {
  /** [rows, columns], or a kernel [rows, columns, 1, 1]. */
  readonly weight: string;
  /** [rows, rank], starts at random. */
  readonly down: string;
  /** [rank, columns], starts at zero: at first nothing changes. */
  readonly up: string;
}

/** A model with low-rank additions. */
export interface LowRankModel {
  readonly model: OnnxModel;
  /** Initializers to train. */
  readonly trainable: readonly string[];
  /** Matrices that they are added to. */
  readonly adapted: readonly string[];
  /** The matrices with the trained additions in them. */
  merge(trained: ReadonlyMap<string, Tensor<"float32">>): Map<string, Tensor<"float32">>;
  /** Takes the additions out of a model that has them, and leaves the merged matrices. */
  remove(model: OnnxModel, trained: ReadonlyMap<string, Tensor<"float32">>): OnnxModel;
}

/**
 * Adds a product of two thin matrices to matrices that a MatMul, a Gemm or a 1x1 Conv multiplies by:
 * `W + A B` (LoRA, Hu et al. 2022, with alpha equal to the rank). Only the thin ones are to be
 * trained; merged, the model is as fast as before.
 *
 * @param isWanted - Which initializers get an addition. Default: all that can.
 */
export function addLowRank(
  model: OnnxModel,
  rank: number,
  random: Random,
  isWanted: (weight: string) => boolean = () => true,
): LowRankModel {
  const { graph } = model;
  const initializers = new Map(graph.initializers);
  const weights = matricesIn(graph).filter(isWanted);
  const parts = weights.map((weight) => ({
    weight,
    down: `${weight}_lora_a`,
    up: `${weight}_lora_b`,
  }));
  const sums = parts.flatMap((part) => {
    const tensor = graph.initializers.get(part.weight)!;
    const [rows, columns] = tensor.dims as [number, number];
    initializers.set(part.down, randomMatrix(rows, rank, random.derive(part.weight)));
    initializers.set(part.up, zeroMatrix(rank, columns));
    return writeSum(part, tensor, initializers);
  });
  const adapted = new Set(weights);
  const readers = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => (adapted.has(name) ? sumOf(name) : name)),
  }));
  const nodes = [...sums, ...readers];
  return {
    model: { ...model, graph: { ...graph, nodes, initializers } },
    trainable: parts.flatMap(({ down, up }) => [down, up]),
    adapted: weights,
    merge: (trained) => mergeSums(parts, graph, trained),
    remove(current, trained) {
      // A cut may have left some out.
      const present = parts.filter(({ down }) => current.graph.initializers.has(down));
      return withoutSums(current, present, mergeSums(present, graph, trained));
    },
  };
}

/** Matrices that products alone read: what else read them would see the merged ones. */
function matricesIn(graph: Graph): string[] {
  const others = new Set(graph.nodes.flatMap((node) => otherReads(node)));
  const factors = new Set(graph.nodes.flatMap((node) => factorOf(node) ?? []));
  return [...factors].filter((name) => !others.has(name) && isMatrix(graph.initializers.get(name)));
}

function otherReads(node: Node): string[] {
  const factor = factorOf(node);
  const reads = [...readsOf(node)].filter((name) => name !== factor);
  return node.inputs[0] === factor && factor !== undefined ? [...reads, factor] : reads;
}

/** The factor of a product that may be a weight. */
function factorOf({ opType, domain, inputs }: Node): string | undefined {
  const multiplies = opType === "MatMul" || opType === "Gemm" || opType === "Conv";
  return domain === "" && multiplies ? inputs[1] : undefined;
}

function isMatrix(tensor: Tensor | undefined): tensor is Tensor<"float32"> {
  const [, , ...rest] = tensor?.dims ?? [];
  return tensor?.dtype === "float32" && tensor.dims.length > 1 && rest.every((size) => size === 1);
}

function sumOf(weight: string): string {
  return `${weight}/adapted`;
}

/** `W + A B`, in the shape of `W`. */
function writeSum(
  { weight, down, up }: LowRank,
  { dims }: Tensor,
  initializers: Map<string, Tensor>,
): Node[] {
  const product = `${weight}/addition`;
  const sum = sumOf(weight);
  if (dims.length === 2) {
    return [
      createNode("MatMul", [down, up], [product]),
      createNode("Add", [weight, product], [sum]),
    ];
  }
  const shape = `${weight}/shape`;
  const shaped = `${weight}/kernel-addition`;
  initializers.set(shape, tensorOf("int64", [dims.length], dims));
  return [
    createNode("MatMul", [down, up], [product]),
    createNode("Reshape", [product, shape], [shaped]),
    createNode("Add", [weight, shaped], [sum]),
  ];
}

function withoutSums(
  model: OnnxModel,
  parts: readonly LowRank[],
  merged: ReadonlyMap<string, Tensor>,
): OnnxModel {
  const sums = new Map(parts.map(({ weight }) => [sumOf(weight), weight]));
  const initializers = new Map(model.graph.initializers);
  for (const { down, up, weight } of parts) {
    for (const name of [down, up, `${weight}/shape`]) initializers.delete(name);
  }
  for (const [name, tensor] of merged) initializers.set(name, tensor);
  const gone = new Set([
    ...sums.keys(),
    ...parts.flatMap(({ weight }) => [`${weight}/addition`, `${weight}/kernel-addition`]),
  ]);
  const nodes = model.graph.nodes.filter(({ outputs }) => !gone.has(outputs[0]!));
  return { ...model, graph: renameValues({ ...model.graph, nodes, initializers }, sums) };
}

/** Normal with variance 1 / rows, so that the additions move outputs alike in layers of all sizes. */
function randomMatrix(rows: number, columns: number, random: Random): Tensor<"float32"> {
  const data = Float32Array.from(
    { length: rows * columns },
    () => random.normal() / Math.sqrt(rows),
  );
  return { dtype: "float32", dims: [rows, columns], data };
}

function zeroMatrix(rows: number, columns: number): Tensor<"float32"> {
  return tensorOf("float32", [rows, columns], new Float32Array(rows * columns));
}

/** The matrices with what was trained added to them; they may have been trained themselves. */
function mergeSums(
  parts: readonly LowRank[],
  { initializers }: Graph,
  trained: ReadonlyMap<string, Tensor<"float32">>,
): Map<string, Tensor<"float32">> {
  return new Map(
    parts.map(({ weight, down, up }) => {
      const matrix = trained.get(weight) ?? (initializers.get(weight) as Tensor<"float32">);
      return [weight, addProduct(matrix, trained.get(down)!, trained.get(up)!)];
    }),
  );
}

/** `W + A B` */
function addProduct(
  { dims, data }: Tensor<"float32">,
  a: Tensor<"float32">,
  b: Tensor<"float32">,
): Tensor<"float32"> {
  const [rows, columns] = dims as [number, number];
  const rank = a.dims[1]!;
  const sum = data.slice();
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < rank; k++) {
      const factor = a.data[i * rank + k]!;
      for (let j = 0; j < columns; j++) sum[i * columns + j]! += factor * b.data[k * columns + j]!;
    }
  }
  return { dtype: "float32", dims, data: sum };
}
