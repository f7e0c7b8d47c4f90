import type { DataType, Tensor } from "./tensor/tensor.js";

/**
 * The graph IR mirrors ONNX: same names, domains, attributes and rules (single assignment, nodes in
 * topological order). It is plain data; every pass takes a graph and returns a new one.
 */

/**
 * A dimension: a size, the name of a symbolic size, or unknown. A product of names is a name too, the
 * factor first and the names in alphabetic order: `2*batch`, `batch*length`.
 */
export type Dim = number | string | null;

/** `undefined` stands for an unknown rank; `[]` for a scalar. */
export type Shape = readonly Dim[];

/** Element type and shape of a value. */
export interface TensorType {
  readonly dtype: DataType;
  readonly shape: Shape | undefined;
}

/** A graph input or output. */
export interface ValueInfo {
  readonly name: string;
  readonly type: TensorType;
}

/** The value of a node's attribute. */
export type Attribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: Tensor }
  | { readonly kind: "graph"; readonly value: Graph }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  | { readonly kind: "tensors"; readonly value: readonly Tensor[] }
  | { readonly kind: "graphs"; readonly value: readonly Graph[] };

/** One operation. */
export interface Node {
  /** May be empty; exporters often put the module path here. */
  readonly name: string;
  readonly opType: string;
  /** `""` is the ONNX domain. */
  readonly domain: string;
  /** Value names; `""` marks an optional input that is left out. */
  readonly inputs: readonly string[];
  /** Value names; `""` marks an optional output that is not wanted. */
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** `metadata_props` of the node: the dynamo exporter keeps module scopes here. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Nodes with what goes in, what comes out and what is stored. */
export interface Graph {
  readonly name: string;
  /** In topological order. */
  readonly nodes: readonly Node[];
  /** What a caller must feed. An initializer is never listed here. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** Known types of inner values: from the file's `value_info` or from inference. */
  readonly valueTypes: ReadonlyMap<string, TensorType>;
}

/** A whole model: one graph and the operator sets that it is written in. */
export interface Model {
  readonly irVersion: number;
  /** Operator-set version by domain; `""` is the ONNX domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: { readonly name: string; readonly version: string };
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: Graph;
}
