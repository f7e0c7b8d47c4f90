import {
  allNames,
  floatAttribute,
  freshPrefix,
  type Graph,
  GraphBuilder,
  inferTypes,
  intAttribute,
  type Model,
  type Node,
  readsOf,
  typeOfValue,
} from "@engraft/onnx";

/**
 * Moves batch normalisations with stored statistics into the convolutions before them:
 *
 *     s = scale / √(variance + ε);  BN(conv(x, W) + c) = conv(x, s · W) + (bias + (c - mean) · s)
 *
 * The same function of the same weights, so gradients by W, scale and bias come out the same. But no
 * pass over the images is left: s · W and what is differentiated through it are as small as weights
 * are, and the output of the convolution need not be kept.
 */
export function foldNorms(model: Model): Model {
  const { graph } = model;
  const convolutions = onlyReadOnce(graph);
  const builder = new GraphBuilder(freshPrefix("fold-norms", allNames(graph)));
  const folded = new Set<Node>();
  const nodes = graph.nodes.flatMap((node) => {
    const convolution = convolutions.get(node.inputs[0] ?? "");
    if (convolution === undefined || !usesStoredStatistics(node)) return [node];
    const before = builder.nodes.length;
    if (!writeFolded(graph, builder, convolution, node)) return [node];
    folded.add(convolution);
    return builder.nodes.slice(before);
  });
  if (folded.size === 0) return model;
  const initializers = new Map([...graph.initializers, ...builder.initializers]);
  const left = nodes.filter((node) => !folded.has(node));
  return inferTypes({ ...model, graph: { ...graph, nodes: left, initializers } });
}

/** Convolutions by their output, where one node reads it and nobody else. */
function onlyReadOnce(graph: Graph): ReadonlyMap<string, Node> {
  const reads = new Map<string, number>();
  const outputs = graph.outputs.map(({ name }) => name);
  for (const name of [...outputs, ...graph.nodes.flatMap((node) => [...readsOf(node)])]) {
    reads.set(name, (reads.get(name) ?? 0) + 1);
  }
  const convolutions = graph.nodes.filter(
    ({ opType, domain, outputs: [output] }) =>
      opType === "Conv" && domain === "" && reads.get(output!) === 1,
  );
  return new Map(convolutions.map((node) => [node.outputs[0]!, node]));
}

function usesStoredStatistics(node: Node): boolean {
  return (
    node.opType === "BatchNormalization" &&
    node.domain === "" &&
    intAttribute(node, "training_mode", 0) === 0
  );
}

/** Writes the two as one convolution; `false` where a shape or the statistics are not known. */
function writeFolded(graph: Graph, g: GraphBuilder, convolution: Node, norm: Node): boolean {
  const [input, weight, offset = ""] = convolution.inputs as [string, string, string?];
  const [, scale, bias, mean, variance] = norm.inputs as [string, string, string, string, string];
  const type = typeOfValue(graph, weight);
  const deviations = graph.initializers.get(variance);
  if (type?.shape === undefined || type.dtype !== "float32" || deviations?.dtype !== "float32") {
    return false;
  }
  const epsilon = floatAttribute(norm, "epsilon", 1e-5);
  const inverse = Array.from(deviations.data as Float32Array, (v) => 1 / Math.sqrt(v + epsilon));
  const factor = g.op("Mul", [scale, g.floats(inverse, [inverse.length])]);
  const perFilter = g.ints([-1, ...type.shape.slice(1).map(() => 1)]);
  const scaled = g.op("Mul", [weight, g.op("Reshape", [factor, perFilter])]);
  const centre = offset === "" ? g.op("Neg", [mean]) : g.op("Sub", [offset, mean]);
  const shifted = g.op("Add", [bias, g.op("Mul", [centre, factor])]);
  g.nodes.push({ ...convolution, inputs: [input, scaled, shifted], outputs: [norm.outputs[0]!] });
  return true;
}
