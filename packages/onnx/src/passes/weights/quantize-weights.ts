import { type AttributeInput, createNode } from "../../ir/build.js";
import type { Graph, Model, Node } from "../../ir/graph.js";
import { createNameGenerator } from "../../ir/names.js";
import { allNames } from "../../ir/scope.js";
import { dataTypeCodes } from "../../ir/tensor/data-type-codes.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { prune } from "../edit/prune.js";
import { LARGEST_INT8, quantize } from "./quantize.js";
import { type WeightAxis, weightAxisOf } from "./weight-axis.js";

/** Below this number of elements a weight is not worth the operators around it. */
const MIN_ELEMENTS = 1024;

/**
 * Stores the large weights of a float32 model in int8, a quarter of the space, with one scale for
 * each output channel or row:
 * - the factor of a `MatMul`: the other one is rounded to 8 bits as well while the model runs
 *   (`DynamicQuantizeLinear`), and integers are multiplied (`MatMulInteger`), which is faster;
 * - the table of a `Gather`: only the rows that are picked are widened;
 * - the kernel of a `Conv` and the factor of a `Gemm`: widened, which a runtime does once, when it
 *   loads the model. `DequantizeLinear` would say the same, but ONNX Runtime repeats it in each run.
 *
 * Values keep their names and types. Only the main graph is changed.
 */
export function quantizeWeights(model: Model): Model {
  const rewriting = new WeightQuantizer(model.graph);
  for (const node of model.graph.nodes) rewriting.add(node);
  const { nodes, initializers } = rewriting;
  return { ...model, graph: prune({ ...model.graph, nodes, initializers }) };
}

/** How the weight of a node is stored. */
interface Recipe extends WeightAxis {
  /** The largest magnitude of a value. */
  readonly largest: number;
}

/**
 * Processors without VNNI instructions add two products of 8 bits in 16 bits, and larger values could
 * overflow: 2 · 255 · 64 < 2 ** 15.
 */
const LARGEST_FACTOR = 64;

function recipeFor(node: Node): Recipe | undefined {
  const weight = weightAxisOf(node);
  const largest = node.opType === "MatMul" ? LARGEST_FACTOR : LARGEST_INT8;
  return weight && { ...weight, largest };
}

/** A weight in 8 bits: names of its values and scales. */
interface StoredWeight {
  readonly values: string;
  readonly scales: string;
}

/** Writes the nodes of a graph anew. What several nodes read is stored, widened and rounded once. */
class WeightQuantizer {
  readonly nodes: Node[] = [];
  readonly initializers: Map<string, Tensor>;
  readonly #fresh: (wanted: string) => string;
  readonly #stored = new Map<string, StoredWeight>();
  readonly #widened = new Map<StoredWeight, string>();
  readonly #rounded = new Map<string, [values: string, scale: string, zeroPoint: string]>();

  constructor(graph: Graph) {
    this.initializers = new Map(graph.initializers);
    this.#fresh = createNameGenerator(allNames(graph));
  }

  add(node: Node): void {
    const recipe = recipeFor(node);
    const name = recipe === undefined ? "" : node.inputs[recipe.input]!;
    const weight = this.initializers.get(name);
    if (recipe === undefined || !isWorthwhile(weight, node)) {
      this.nodes.push(node);
      return;
    }
    const stored = this.#store(name, weight, recipe);
    if (node.opType === "MatMul") this.#multiply(node, stored);
    else if (node.opType === "Gather") this.#pick(node, stored);
    else {
      const widened = this.#widenOnce(name, stored);
      this.nodes.push({ ...node, inputs: node.inputs.with(recipe.input, widened) });
    }
  }

  #store(name: string, weight: Tensor<"float32">, { axis, largest }: Recipe): StoredWeight {
    const key = `${axis} ${largest} ${name}`;
    const known = this.#stored.get(key);
    if (known !== undefined) return known;
    const { values, scales } = quantize(weight, axis, largest);
    const stored = {
      values: this.#constant(`${name}_int8`, values),
      scales: this.#constant(`${name}_scale`, scales),
    };
    this.#stored.set(key, stored);
    return stored;
  }

  /** x · w = ((round(x / s) - z) · q) s t, where w = q t */
  #multiply({ inputs: [x = ""], outputs: [output = ""] }: Node, stored: StoredWeight): void {
    const [rounded, scale, zeroPoint] = this.#round(x);
    const inputs = [rounded, stored.values, zeroPoint];
    const product = this.#op("MatMulInteger", inputs, this.#fresh(`${output}_int32`));
    const factor = this.#op("Mul", [scale, stored.scales], this.#fresh(`${output}_scale`));
    this.#widen(product, factor, output);
  }

  #round(x: string): [string, string, string] {
    const known = this.#rounded.get(x);
    if (known !== undefined) return known;
    const names = ["uint8", "scale", "zero_point"].map((part) => this.#fresh(`${x}_${part}`));
    const parts = names as [string, string, string];
    this.nodes.push(createNode("DynamicQuantizeLinear", [x], parts, {}, { name: parts[0] }));
    this.#rounded.set(x, parts);
    return parts;
  }

  #pick({ inputs: [, rows = ""], outputs: [output = ""] }: Node, stored: StoredWeight): void {
    const values = this.#op("Gather", [stored.values, rows], this.#fresh(`${output}_int8`));
    const scales = this.#op("Gather", [stored.scales, rows], this.#fresh(`${output}_scale`));
    this.#widen(values, scales, output);
  }

  #widenOnce(name: string, stored: StoredWeight): string {
    const known = this.#widened.get(stored);
    if (known !== undefined) return known;
    const widened = this.#widen(stored.values, stored.scales, this.#fresh(`${name}_widened`));
    this.#widened.set(stored, widened);
    return widened;
  }

  /** Integers times their scales, in float32. */
  #widen(integers: string, scales: string, output: string): string {
    const attributes = { to: dataTypeCodes.float32 };
    const floats = this.#op("Cast", [integers], this.#fresh(`${output}_float32`), attributes);
    return this.#op("Mul", [floats, scales], output);
  }

  #op(
    opType: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, AttributeInput>> = {},
  ): string {
    this.nodes.push(createNode(opType, inputs, [output], attributes, { name: output }));
    return output;
  }

  #constant(wanted: string, tensor: Tensor): string {
    const name = this.#fresh(wanted);
    this.initializers.set(name, tensor);
    return name;
  }
}

function isWorthwhile(weight: Tensor | undefined, { opType }: Node): weight is Tensor<"float32"> {
  if (weight?.dtype !== "float32" || weight.data.length < MIN_ELEMENTS) return false;
  return opType === "Conv" || weight.dims.length === 2;
}
