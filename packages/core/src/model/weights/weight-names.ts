import { isParameterName, type Node, withoutCast } from "@engraft/onnx";
import { layerPath, outerPath, withParents } from "./paths.js";

/** Paths of modules that are known, and the ways to write them with outer parts left out. */
export class ModulePaths {
  readonly #paths: ReadonlySet<string>;
  /** Known paths by what they end in; undefined where more than one does. */
  #endings: ReadonlyMap<string, string | undefined> | undefined;

  constructor(paths: Iterable<string>) {
    this.#paths = new Set(paths);
  }

  /** The modules that the names of parameters tell of. */
  static ofNames(names: Iterable<string>): ModulePaths {
    const paths = new Set<string>();
    for (const name of names) {
      if (!isParameterName(name)) continue;
      for (const path of withParents(outerPath(withoutCast(name)))) paths.add(path);
    }
    return new ModulePaths(paths);
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  /** The only path that has some outer parts before `ending`. */
  endingIn(ending: string): string | undefined {
    this.#endings ??= endingsOf(this.#paths);
    return this.#endings.get(ending);
  }
}

function endingsOf(paths: Iterable<string>): Map<string, string | undefined> {
  const endings = new Map<string, string | undefined>();
  for (const path of paths) {
    for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
      const ending = path.slice(dot + 1);
      endings.set(ending, endings.has(ending) ? undefined : path);
    }
  }
  return endings;
}

/**
 * The module that a node was exported from; empty where nothing tells. Exporters leave out outer
 * modules (`/layer.0/attention` for `encoder.layer.0.attention`), which the names of parameters still
 * have.
 *
 * @param modules - What is known.
 */
export function scopeOfNode(node: Node, modules: ModulePaths): string {
  const path = layerPath(dynamoScope(node) ?? scopeOfName(node.name));
  if (path === "" || modules.has(path)) return path;
  return modules.endingIn(path) ?? path;
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
