import type { Node } from "../../ir/graph.js";

/** Metadata in which the dynamo exporter of PyTorch keeps the modules around a node. */
const NAMESPACE = "namespace";

/**
 * Path of the layer that a node belongs to, by what exporters write down; `""` where they do not.
 *
 * - PyTorch's dynamo exporter keeps `: Net/encoder.0: Block/encoder.0.norm: LayerNorm/layer_norm: ...`
 *   in the metadata, which makes `encoder.0.norm`;
 * - its TorchScript exporter, and TensorFlow, name a node after its scope: `/encoder.0/norm/Add_1`
 *   makes `/encoder.0/norm`.
 *
 * A layer that is called again has a mark at its name (`norm@1`, `norm_1`), which is left off: it is
 * the same layer. Layers that are numbered that way by their author come out equal as well.
 */
export function layerScope(node: Node): string {
  const modules = node.metadata.get(NAMESPACE)?.split("/").slice(0, -1);
  const module = modules?.at(-1)?.split(": ")[0];
  if (module !== undefined) return module.replaceAll(/@\d+/g, "");
  const scope = node.name.slice(0, Math.max(0, node.name.lastIndexOf("/")));
  return scope.replaceAll(/_\d+(?=\/|$)/g, "");
}
