import {
  createNameGenerator,
  type Dim,
  type Graph,
  type Model,
  type TensorType,
  type ValueInfo,
} from "@engraft/onnx";

/** What the axis that counts the examples is called where the file has no name for it. */
const BATCH = "batch";

/** What exporters write for an axis whose size they do not know: `?`, `None`, `-1`. */
const PLACEHOLDER = /^(\W*|-?\d+|none|null|unknown|undefined)$/i;

/**
 * Gives every dynamic axis of every input a name of its own, so that no two axes are taken for one
 * another:
 *
 * - An axis without a name, or with a placeholder (`?`, `None`), gets a new one. The first axes of
 *   all inputs count the examples and share theirs.
 * - A name that two axes of one input have says nothing of either. Where the first axis is among
 *   them, the name is a placeholder everywhere.
 *
 * Other names that several inputs share are kept: they say that the sizes are equal.
 */
export function nameAxes(model: Model): Model {
  const { graph } = model;
  const names = axisNames(graph);
  const fresh = createNameGenerator(names);
  const placeholders = findPlaceholders(graph, names);
  const known = (dim: Dim): Dim => (typeof dim === "string" && placeholders.has(dim) ? null : dim);
  const withKnown = (type: TensorType): TensorType => ({
    ...type,
    shape: type.shape?.map(known),
  });
  const first = known(graph.inputs[0]?.type.shape?.[0] ?? null);
  const batch = typeof first === "number" ? undefined : (first ?? fresh(BATCH));
  const named = ({ name, type }: ValueInfo): ValueInfo => {
    const dims = (type.shape ?? []).map(known);
    const shape = dims.map((dim, axis): Dim => {
      const isRepeated = typeof dim === "string" && dims.indexOf(dim) !== dims.lastIndexOf(dim);
      if (dim !== null && !isRepeated) return dim;
      const own = (): string => fresh(`${name.replace(/\W/g, "_")}_${axis}`);
      return axis === 0 ? (batch ?? own()) : own();
    });
    return { name, type: type.shape === undefined ? type : { ...type, shape } };
  };
  const inputs = graph.inputs.map(named);
  const isSame = ({ type }: ValueInfo, index: number): boolean =>
    (type.shape ?? []).every((dim, axis) => dim === graph.inputs[index]!.type.shape![axis]);
  // A normalised model stays the same object, so that it need not be normalised again.
  if (placeholders.size === 0 && inputs.every(isSame)) return model;
  return {
    ...model,
    graph: {
      ...graph,
      inputs,
      outputs: graph.outputs.map(({ name, type }) => ({ name, type: withKnown(type) })),
      valueTypes: new Map(Array.from(graph.valueTypes, ([name, type]) => [name, withKnown(type)])),
    },
  };
}

/** A name for the axis that counts the examples, which no axis of a model has. */
export function freshBatchName(graph: Graph): string {
  return createNameGenerator(axisNames(graph))(BATCH);
}

/** Names that stand for no size in particular. */
function findPlaceholders({ inputs }: Graph, names: ReadonlySet<string>): Set<string> {
  const repeated = inputs.flatMap(({ type: { shape: [first, ...others] = [] } }) =>
    typeof first === "string" && others.includes(first) ? [first] : [],
  );
  return new Set([...repeated, ...[...names].filter((name) => PLACEHOLDER.test(name))]);
}

/** Names of the axes of all values. */
function axisNames({ inputs, outputs, valueTypes }: Graph): Set<string> {
  const types = [...[...inputs, ...outputs].map(({ type }) => type), ...valueTypes.values()];
  const dims = types.flatMap(({ shape }) => shape ?? []);
  return new Set(dims.filter((dim) => typeof dim === "string"));
}
