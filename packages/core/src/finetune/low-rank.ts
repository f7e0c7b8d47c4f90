import { createNode, type Model, type Node, type Tensor } from "@engraft/onnx";
import type { Random } from "../random/random.js";

/** A matrix of a base and the two thin ones whose product is added to it. */
interface LowRank {
  /** [rows, columns], frozen. */
  readonly weight: string;
  /** [rows, rank], starts at random. */
  readonly down: string;
  /** [rank, columns], starts at zero: at first nothing changes. */
  readonly up: string;
}

/** A model with low-rank additions. */
export interface LowRankModel {
  readonly model: Model;
  /** Initializers to train. */
  readonly trainable: readonly string[];
  /** The additions merged into their matrices, given the trained initializers. */
  merge(trained: ReadonlyMap<string, Tensor<"float32">>): Map<string, Tensor<"float32">>;
}

/**
 * Adds a product of two thin matrices to every matrix that a MatMul or Gemm multiplies by: `W + A B`
 * (LoRA, Hu et al. 2022, with alpha equal to the rank). Only the thin ones are trained; merged, the
 * model is as fast as before.
 */
export function addLowRank(model: Model, rank: number, random: Random): LowRankModel {
  const { graph } = model;
  const initializers = new Map(graph.initializers);
  const parts = new Map<string, LowRank>();
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const weight = matrixOf(node);
    const tensor = weight === undefined ? undefined : graph.initializers.get(weight);
    if (weight === undefined || tensor?.dtype !== "float32" || tensor.dims.length !== 2) {
      nodes.push(node);
      continue;
    }
    const sum = `${weight}/adapted`;
    if (!parts.has(weight)) {
      const part = { weight, down: `${weight}/lora-a`, up: `${weight}/lora-b` };
      parts.set(weight, part);
      const [rows, columns] = tensor.dims as [number, number];
      initializers.set(part.down, randomMatrix(rows, rank, random.derive(weight)));
      initializers.set(part.up, {
        dtype: "float32",
        dims: [rank, columns],
        data: new Float32Array(rank * columns),
      });
      nodes.push(
        createNode("MatMul", [part.down, part.up], [`${weight}/addition`]),
        createNode("Add", [weight, `${weight}/addition`], [sum]),
      );
    }
    nodes.push({ ...node, inputs: node.inputs.map((name) => (name === weight ? sum : name)) });
  }
  const all = [...parts.values()];
  return {
    model: { ...model, graph: { ...graph, nodes, initializers } },
    trainable: all.flatMap(({ down, up }) => [down, up]),
    merge: (trained) =>
      new Map(
        all.map(({ weight, down, up }) => [
          weight,
          addProduct(
            graph.initializers.get(weight) as Tensor<"float32">,
            trained.get(down)!,
            trained.get(up)!,
          ),
        ]),
      ),
  };
}

/** The second factor of a product with a matrix. */
function matrixOf({ opType, domain, inputs }: Node): string | undefined {
  return domain === "" && (opType === "MatMul" || opType === "Gemm") ? inputs[1] : undefined;
}

/** Normal with variance 1 / rows, so that the additions move outputs alike in layers of all sizes. */
function randomMatrix(rows: number, columns: number, random: Random): Tensor<"float32"> {
  const data = Float32Array.from(
    { length: rows * columns },
    () => random.normal() / Math.sqrt(rows),
  );
  return { dtype: "float32", dims: [rows, columns], data };
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
