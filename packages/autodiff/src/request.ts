import { type Graph, nearMatches, printType, typeOfValue } from "@engraft/onnx";
import { AutodiffError } from "./errors.js";

/** Names of the floating-point initializers of a graph. */
export function floatInitializers(graph: Graph): string[] {
  return Array.from(graph.initializers).flatMap(([name, { dtype }]) =>
    isDifferentiable(dtype) ? [name] : [],
  );
}

/** @throws AutodiffError where a value is not one number that gradients can be taken of. */
export function requireLoss(graph: Graph, loss: string): void {
  const type = typeOfValue(graph, loss);
  if (type === undefined) {
    const values = [...graph.outputs.map(({ name }) => name), ...graph.valueTypes.keys()];
    throw invalid(`The model has no value "${loss}" that could be the loss.`, loss, values);
  }
  const isOne = type.shape?.every((dim) => dim === 1) ?? false;
  if (isOne && isDifferentiable(type.dtype)) return;
  throw new AutodiffError(
    "autodiff/invalid-request",
    `The loss must be one floating-point number, and "${loss}" is ${printType(type)}. ` +
      "Reduce it to one number, for example with ReduceMean.",
  );
}

/** @throws AutodiffError where a name is not a floating-point value of the graph. */
export function requireWeights(graph: Graph, weights: readonly string[]): void {
  for (const weight of weights) {
    const dtype = typeOfValue(graph, weight)?.dtype;
    if (dtype === undefined) {
      const names = [...graph.initializers.keys(), ...graph.inputs.map(({ name }) => name)];
      throw invalid(`The model has no weight "${weight}".`, weight, names);
    }
    if (isDifferentiable(dtype)) continue;
    throw new AutodiffError(
      "autodiff/invalid-request",
      `"${weight}" holds ${dtype} values; gradients are taken by float32 and float64 weights.`,
    );
  }
}

function isDifferentiable(dtype: string): boolean {
  return dtype === "float32" || dtype === "float64";
}

function invalid(message: string, name: string, known: readonly string[]): AutodiffError {
  const near = nearMatches(name, known);
  const hint = near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`;
  return new AutodiffError("autodiff/invalid-request", message + hint);
}
