import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
} from "onnx-buf";
import { createNameGenerator } from "../ir/names.js";
import type { DecodeContext } from "./context.js";
import { decodeDomain } from "./decode-graph.js";

/** Most nodes that calls of functions may become: functions that call others grow exponentially. */
const MAX_NODES = 100_000;

/**
 * The graph of a model in which each call of a model-local function is replaced by the function's
 * nodes. Values and nodes of a function get names of their own at each call, `call/name`; references to
 * the attributes of a call are resolved, with the defaults of the function. What cannot be inlined
 * (recursion, another operator set than the model's, too many nodes) is told to the context.
 */
export function inlineFunctions(
  graph: GraphProto,
  model: ModelProto,
  context: DecodeContext,
): GraphProto {
  if (model.functions.length === 0) return graph;
  const inliner = new Inliner(graph, model, context);
  const node = inliner.inline(graph.node, TOP);
  return changed(graph, { node: inliner.isRefused ? [] : node });
}

/** What the names in a list of nodes stand for. */
interface Scope {
  readonly values: ReadonlyMap<string, string>;
  /** Attributes of the call; undefined outside functions. */
  readonly attributes: ReadonlyMap<string, AttributeProto> | undefined;
  /** Begins the names of nodes. */
  readonly prefix: string;
  /** Functions whose calls lead here. */
  readonly calls: readonly FunctionProto[];
}

const TOP: Scope = { values: new Map(), attributes: undefined, prefix: "", calls: [] };

class Inliner {
  readonly #functions: ReadonlyMap<string, FunctionProto>;
  readonly #opsets: ReadonlyMap<string, bigint>;
  readonly #context: DecodeContext;
  readonly #fresh: (wanted: string) => string;
  #count = 0;
  /** Whether a call could not be inlined. */
  isRefused = false;

  constructor(graph: GraphProto, model: ModelProto, context: DecodeContext) {
    this.#functions = new Map(model.functions.map((one) => [keyOf(one, one.name), one]));
    this.#opsets = new Map(
      model.opsetImport.map(({ domain, version }) => [decodeDomain(domain), version]),
    );
    this.#context = context;
    this.#fresh = createNameGenerator(namesOf(graph));
  }

  inline(nodes: readonly NodeProto[], scope: Scope): NodeProto[] {
    return nodes.flatMap((node) => {
      const called = this.#functions.get(keyOf(node, node.opType));
      const written = this.#write(node, scope);
      return called === undefined ? [written] : this.#call(written, called, scope);
    });
  }

  /** A node with the names and attributes that it has where its function is called. */
  #write(node: NodeProto, scope: Scope): NodeProto {
    this.#count += 1;
    const rename = (name: string): string => scope.values.get(name) ?? name;
    return changed(node, {
      name: node.name === "" ? "" : `${scope.prefix}${node.name}`,
      input: node.input.map(rename),
      output: node.output.map(rename),
      attribute: node.attribute.flatMap((attribute) => this.#attribute(attribute, scope)),
    });
  }

  #attribute(attribute: AttributeProto, scope: Scope): AttributeProto[] {
    if (attribute.refAttrName !== "" && scope.attributes !== undefined) {
      const given = scope.attributes.get(attribute.refAttrName);
      return given === undefined ? [] : [changed(given, { name: attribute.name })];
    }
    if (attribute.g === undefined && attribute.graphs.length === 0) return [attribute];
    const graphs = attribute.graphs.map((graph) => this.#subgraph(graph, scope));
    const g = attribute.g && this.#subgraph(attribute.g, scope);
    return [changed(attribute, { ...(g && { g }), graphs })];
  }

  #subgraph(graph: GraphProto, scope: Scope): GraphProto {
    const values = new Map(scope.values);
    // What a subgraph of a function defines must not hide what is around the call.
    const isInside = scope.attributes !== undefined;
    if (isInside) {
      for (const name of definedIn(graph)) values.set(name, this.#fresh(`${scope.prefix}${name}`));
    }
    const rename = (name: string): string => values.get(name) ?? name;
    const renamed = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
      list.map((one) => changed<{ readonly name: string }>(one, { name: rename(one.name) }) as T);
    return changed(graph, {
      node: this.inline(graph.node, { ...scope, values }),
      input: renamed(graph.input),
      output: renamed(graph.output),
      initializer: renamed(graph.initializer),
      valueInfo: renamed(graph.valueInfo),
    });
  }

  #call(node: NodeProto, called: FunctionProto, { calls }: Scope): NodeProto[] {
    const label = `model-local function "${called.domain}.${called.name}"`;
    if (!this.#mayInline(called, calls, label)) return [];
    const prefix = `${node.name || node.output.find((name) => name !== "") || called.name}/`;
    const values = new Map<string, string>();
    for (const name of called.node.flatMap(({ output }) => output)) {
      if (name !== "") values.set(name, this.#fresh(`${prefix}${name}`));
    }
    for (const [index, name] of called.input.entries()) values.set(name, node.input[index] ?? "");
    const passed: NodeProto[] = [];
    for (const [index, name] of called.output.entries()) {
      const actual = node.output[index] ?? "";
      if (actual === "") continue;
      if (called.input.includes(name)) passed.push(identity(values.get(name)!, actual));
      else values.set(name, actual);
    }
    const attributes = new Map(called.attributeProto.map((one) => [one.name, one]));
    for (const attribute of node.attribute) attributes.set(attribute.name, attribute);
    const inner = { values, attributes, prefix, calls: [...calls, called] };
    return [...this.inline(called.node, inner), ...passed];
  }

  #mayInline(called: FunctionProto, calls: readonly FunctionProto[], label: string): boolean {
    if (calls.includes(called)) return this.#refuse(`${label} calls itself`);
    if (this.#count > MAX_NODES) {
      return this.#refuse(`calls of model-local functions become more than ${MAX_NODES} nodes`);
    }
    for (const { domain, version } of called.opsetImport) {
      const own = this.#opsets.get(decodeDomain(domain));
      if (own === undefined || own === version) continue;
      const set = `operator set ${version} of "${decodeDomain(domain) || "ai.onnx"}"`;
      return this.#refuse(`${label} is written in ${set}, and the model in ${own}`);
    }
    return true;
  }

  #refuse(reason: string): false {
    this.#context.unsupported(reason);
    this.isRefused = true;
    return false;
  }
}

/** A copy of a message; what is not set in it has its defaults in the prototype. */
function changed<Message extends object>(message: Message, changes: Partial<Message>): Message {
  const copy: Message = Object.create(Object.getPrototypeOf(message));
  return Object.assign(copy, message, changes);
}

function keyOf({ domain, overload }: { domain: string; overload: string }, name: string): string {
  return JSON.stringify([decodeDomain(domain), name, overload]);
}

function identity(input: string, output: string): NodeProto {
  return create(NodeProtoSchema, { opType: "Identity", input: [input], output: [output] });
}

function definedIn(graph: GraphProto): string[] {
  return [
    ...[...graph.input, ...graph.initializer].map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output.filter((name) => name !== "")),
  ];
}

/** Every name of a value in a graph and its subgraphs. */
function namesOf(graph: GraphProto): Set<string> {
  const names = new Set([...definedIn(graph), ...graph.output.map(({ name }) => name)]);
  for (const { g, graphs } of graph.node.flatMap(({ attribute }) => attribute)) {
    for (const inner of g === undefined ? graphs : [g, ...graphs]) {
      for (const name of namesOf(inner)) names.add(name);
    }
  }
  return names;
}

/** The operator sets of a model with those that only its functions name. */
export function opsetsWithFunctions(model: ModelProto): ModelProto["opsetImport"] {
  const known = new Set(model.opsetImport.map(({ domain }) => decodeDomain(domain)));
  const added = model.functions
    .flatMap(({ opsetImport }) => opsetImport)
    .filter(({ domain }) => {
      const name = decodeDomain(domain);
      return !known.has(name) && known.add(name);
    });
  return [...model.opsetImport, ...added];
}
