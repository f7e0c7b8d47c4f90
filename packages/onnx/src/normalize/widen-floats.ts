import { mapSubgraphs } from "../infer/subgraphs.js";
import type { Attribute, Graph, Model, Node, TensorType, ValueInfo } from "../ir/graph.js";
import { isSameList, mapValues } from "../ir/same.js";
import { roundToFloat32, toFloat32 } from "../ir/tensor/convert.js";
import { dataTypeCodes } from "../ir/tensor/data-type-codes.js";
import type { Tensor } from "../ir/tensor/tensor.js";

/** Attributes that hold an element type by its ONNX code. */
const typeAttributes: ReadonlySet<string> = new Set([
  "to",
  "dtype",
  "output_dtype",
  "stash_type",
  "softmax_precision",
]);

/** Element types that become float32. */
type OtherFloat = "float16" | "bfloat16" | "float64";

/**
 * Turns a float16 or bfloat16 model into a float32 one: weights, constants, declared types, casts, and
 * also the inputs and outputs of the model. Training needs the range of float32, and runtimes on a CPU
 * compute in float32 anyway.
 */
export function widenFloats(model: Model): Model {
  return new FloatConversion(["float16", "bfloat16"]).model(model);
}

/**
 * Turns a float64 model into a float32 one in the same way: training is in float32, and runtimes have
 * many operators in no other type. Numbers beyond the range of float32 become its largest.
 */
export function narrowDoubles(model: Model): Model {
  return new FloatConversion(["float64"]).model(model);
}

/** Makes some element types float32, everywhere in a model. */
class FloatConversion {
  readonly #types: ReadonlySet<string>;
  readonly #codes: ReadonlySet<number>;

  constructor(types: readonly OtherFloat[]) {
    this.#types = new Set(types);
    this.#codes = new Set(types.map((type) => dataTypeCodes[type]));
  }

  model(model: Model): Model {
    const graph = this.#graph(model.graph);
    return graph === model.graph ? model : { ...model, graph };
  }

  #graph(graph: Graph): Graph {
    const nodes = graph.nodes.map((node) => this.#node(node));
    const inputs = graph.inputs.map((info) => this.#info(info));
    const outputs = graph.outputs.map((info) => this.#info(info));
    const initializers = mapValues(graph.initializers, (tensor) => this.#tensor(tensor));
    const valueTypes = mapValues(graph.valueTypes, (type) => this.#type(type));
    const isSame =
      isSameList(graph.nodes, nodes) &&
      isSameList(graph.inputs, inputs) &&
      isSameList(graph.outputs, outputs) &&
      graph.initializers === initializers &&
      graph.valueTypes === valueTypes;
    return isSame ? graph : { ...graph, nodes, inputs, outputs, initializers, valueTypes };
  }

  #node(node: Node): Node {
    const inside = mapSubgraphs(node, (graph) => this.#graph(graph));
    const attributes = mapValues(inside.attributes, (value, name) => this.#attribute(value, name));
    return attributes === inside.attributes ? inside : { ...inside, attributes };
  }

  #attribute(attribute: Attribute, name: string): Attribute {
    if (attribute.kind === "tensor") {
      const value = this.#tensor(attribute.value);
      return value === attribute.value ? attribute : { kind: "tensor", value };
    }
    const isConverted = attribute.kind === "int" && this.#codes.has(attribute.value);
    return isConverted && typeAttributes.has(name)
      ? { kind: "int", value: dataTypeCodes.float32 }
      : attribute;
  }

  #tensor(tensor: Tensor): Tensor {
    if (!this.#types.has(tensor.dtype)) return tensor;
    return tensor.dtype === "float64" ? roundToFloat32(tensor) : (toFloat32(tensor) ?? tensor);
  }

  #info(info: ValueInfo): ValueInfo {
    const type = this.#type(info.type);
    return type === info.type ? info : { ...info, type };
  }

  #type(type: TensorType): TensorType {
    return this.#types.has(type.dtype) ? { ...type, dtype: "float32" } : type;
  }
}
