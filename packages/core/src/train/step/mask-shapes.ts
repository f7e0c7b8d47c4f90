import {
  cutAbove,
  elementCount,
  type Graph,
  inferTypes,
  type Model,
  printType,
  typeOfValue,
  type ValueInfo,
} from "@engraft/onnx";
import { UsageError } from "../../errors.js";
import type { Feeds } from "../../runtime/feeds.js";
import type { DropoutMask } from "./training-graph.js";

/** Longer constants say nothing of shapes; only their types are kept. */
const LARGEST_CONSTANT = 1024;

/**
 * The part of a model that decides how large its dropout masks are: from the cut to the values that
 * are dropped, without the weights.
 *
 * @param model - In inference form, typed.
 */
export function maskShapeModel(
  model: Model,
  cut: readonly string[],
  masks: readonly DropoutMask[],
): Model {
  const part = cutAbove(model, cut, [...new Set(masks.map(({ values }) => values))]);
  const { graph } = part;
  const initializers = [...graph.initializers];
  // What is dropped may itself be fed.
  const computed = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const read = new Set(graph.inputs.map(({ name }) => name));
  const fed = graph.outputs.filter(({ name }) => !computed.has(name) && !read.has(name));
  const isShort = (dims: readonly number[]): boolean => elementCount(dims) <= LARGEST_CONSTANT;
  const typed = initializers.flatMap(([name, { dtype, dims }]): ValueInfo[] =>
    isShort(dims) ? [] : [{ name, type: { dtype, shape: dims } }],
  );
  return {
    ...part,
    graph: {
      ...graph,
      inputs: [...graph.inputs, ...fed, ...typed],
      initializers: new Map(initializers.filter(([, { dims }]) => isShort(dims))),
    },
  };
}

/** Finds out how large the masks of a batch are: type inference from the sizes of what is fed. */
export class MaskShapes {
  readonly #model: Model;
  readonly #known = new Map<string, ReadonlyMap<string, readonly number[]>>();

  /** @param model - As {@link maskShapeModel} makes it. */
  constructor(model: Model) {
    this.#model = model;
  }

  /**
   * Sizes of each value that is dropped.
   *
   * @throws UsageError where they depend on more than the sizes of what is fed.
   */
  of(batch: Feeds): ReadonlyMap<string, readonly number[]> {
    const { graph } = this.#model;
    const inputs = graph.inputs.map(({ name, type }): ValueInfo => {
      const fed = batch.get(name);
      return { name, type: fed === undefined ? type : { ...type, shape: fed.dims } };
    });
    const key = inputs.map(({ type }) => printType(type)).join();
    const known = this.#known.get(key) ?? this.#infer({ ...graph, inputs });
    this.#known.set(key, known);
    return known;
  }

  #infer(graph: Graph): ReadonlyMap<string, readonly number[]> {
    const typed = inferTypes({ ...this.#model, graph }).graph;
    return new Map(
      typed.outputs.map(({ name }) => {
        const type = typeOfValue(typed, name)!;
        const sizes = type.shape?.filter((size) => typeof size === "number");
        if (sizes !== undefined && sizes.length === type.shape?.length) return [name, sizes];
        throw new UsageError(
          `Dropout is applied to "${name}", ${printType(type)}, whose sizes do not follow from those of ` +
            "the inputs. Put it where they do, such as behind the pooling.",
        );
      }),
    );
  }
}
