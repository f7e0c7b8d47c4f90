import { inferTypes, type Model, OnnxError, type TensorType } from "@engraft/onnx";
import { freshBatchName } from "../../model/graph/name-axes.js";
import { withOpenInputs } from "../../model/graph/open-batch.js";

/**
 * The values of a graph whose first axis counts the examples. A size that equals that of the batch
 * by chance is no evidence: a batch of a fixed size gets a name first, which is followed through the
 * graph.
 *
 * @param model - Typed. The first axis of its first input counts the examples.
 */
export function batchedValues(model: Model): ReadonlySet<string> {
  const size = model.graph.inputs[0]?.type.shape?.[0];
  if (typeof size === "string") return withFirstAxis(model, size);
  if (typeof size !== "number") return new Set();
  const batch = freshBatchName(model.graph);
  try {
    return withFirstAxis(inferTypes(withOpenInputs(model, size, batch)), batch);
  } catch (error) {
    // Some operator takes batches of this size only: nothing is known.
    if (error instanceof OnnxError) return new Set();
    throw error;
  }
}

function withFirstAxis({ graph }: Model, batch: string): Set<string> {
  const { inputs, outputs, valueTypes } = graph;
  const types: (readonly [string, TensorType])[] = [
    ...[...inputs, ...outputs].map(({ name, type }) => [name, type] as const),
    ...valueTypes,
  ];
  return new Set(types.flatMap(([name, { shape }]) => (shape?.[0] === batch ? [name] : [])));
}
