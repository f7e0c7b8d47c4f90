import { isParameterName, type Node, withoutCast } from "@engraft/onnx";

/** Paths of all modules that the names of parameters tell of, from the outside in. */
export function scopesOf(names: Iterable<string>): Set<string> {
  const scopes = new Set<string>();
  for (const name of names) {
    if (!isParameterName(name)) continue;
    const parts = withoutCast(name).split(".");
    for (let end = 1; end < parts.length; end++) scopes.add(parts.slice(0, end).join("."));
  }
  return scopes;
}

/**
 * The module that a node was exported from; empty where nothing tells. Exporters leave out outer
 * modules (`/layer.0/attention` for `encoder.layer.0.attention`), which the names of parameters still
 * have.
 *
 * @param scopes - Paths of modules that are known.
 */
export function scopeOfNode(node: Node, scopes: ReadonlySet<string>): string {
  const path = dynamoScope(node) ?? scopeOfName(node.name);
  if (path === "" || scopes.has(path)) return path;
  const ending = [...scopes].filter((scope) => scope.endsWith(`.${path}`));
  return ending.length === 1 ? ending[0]! : path;
}

/** The dynamo exporter lists the scopes of a node from the outside in, the node itself last. */
function dynamoScope(node: Node): string | undefined {
  const scopes = node.metadata.get("pkg.torch.onnx.name_scopes");
  const names =
    scopes === undefined ? [] : Array.from(scopes.matchAll(/'([^']*)'/g), ([, scope]) => scope!);
  return names.at(-2);
}

/**
 * The path in a name that slashes divide: `layer.0.attention` of `/layer.0/attention/MatMul`,
 * `model.dense` of `model/dense/MatMul/ReadVariableOp:0`. Members of a list repeat its name:
 * `/features/features.1/features.1.0/Conv` is in `features.1.0`.
 */
export function scopeOfName(name: string): string {
  const segments = name
    .replace(/:\d+$/, "")
    .split("/")
    .filter((segment) => segment !== "" && !segment.startsWith("ReadVariableOp"));
  const parts: string[] = [];
  for (const segment of segments.slice(0, -1)) {
    const isMember = parts.length > 0 && segment.startsWith(`${parts.at(-1)}.`);
    parts.splice(isMember ? -1 : parts.length, isMember ? 1 : 0, segment);
  }
  return parts.join(".");
}
