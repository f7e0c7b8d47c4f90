import {
  type DecodeOptions,
  type Dim,
  decodeModel,
  encodeModel,
  inferTypes,
  type Model,
  normalize,
  replaceOutputs,
  type Shape,
  typeOfValue,
} from "@engraft/onnx";
import { assemble, type Differentiated, reserveNames } from "./assemble.js";
import { runBackward } from "./backward-pass.js";
import { AutodiffError, type Obstacle } from "./errors.js";
import { findGradientPath } from "./gradient-path.js";
import { floatInitializers, requireLoss, requireWeights } from "./request.js";

/** What to differentiate, and by what. */
export interface DifferentiateOptions {
  /** Name of the value that is the loss: one floating-point number. */
  readonly loss: string;
  /**
   * Names of initializers, graph inputs or values between the nodes. Initializers among them become
   * inputs of the result. Default: every floating-point initializer through which a gradient flows to
   * the loss.
   */
  readonly wrt?: readonly string[];
}

/** How a model is read and differentiated. */
export interface DifferentiateBytesOptions extends DifferentiateOptions, DecodeOptions {}

/**
 * Reverse-mode automatic differentiation: from an ONNX model, the bytes of a plain ONNX model that
 * any ONNX Runtime runs. Its inputs are the model's own and the weights that are differentiated by,
 * under their names; its outputs are `loss` and `grad/<weight>` for each weight, in this order. A
 * name that an input or a weight of the model has already gets a number: `loss_1`.
 *
 * @throws AutodiffError `autodiff/unsupported`, naming every node that has no gradient;
 * `autodiff/invalid-request` when the loss is not one number or a weight is not there.
 * @throws OnnxError when the bytes are not an ONNX model.
 */
export function differentiate(model: Uint8Array, options: DifferentiateBytesOptions): Uint8Array {
  const { loss, wrt } = options;
  const decoded = inferTypes(decodeModel(model, options));
  const normal = normalize(keepingOnly(decoded, loss));
  // Normalisation turns Constant nodes into initializers; those are not weights.
  const weights = floatInitializers(decoded.graph).filter((name) =>
    normal.graph.initializers.has(name),
  );
  const wanted = wrt === undefined ? { loss, among: weights } : { loss, wrt };
  return encodeModel(differentiateModel(normal, wanted).model);
}

/** An inner value must be an output, or normalisation may drop it. */
function keepingOnly(model: Model, value: string): Model {
  const type = typeOfValue(model.graph, value);
  if (type === undefined) return model;
  return { ...model, graph: replaceOutputs(model.graph, [{ name: value, type }]) };
}

/** As {@link DifferentiateOptions}, with another way to ask for all weights. */
export interface DifferentiateModelOptions extends DifferentiateOptions {
  /** Where `wrt` is left out: the initializers to choose from. Default: all. */
  readonly among?: readonly string[];
  /** Values of the model that stay outputs, after the gradients. Default: none. */
  readonly keep?: readonly string[];
}

/**
 * The same over the graph IR, for a model that `normalize` of @engraft/onnx has brought to the
 * working opset. The model's own outputs are dropped.
 */
export function differentiateModel(
  model: Model,
  { loss: name, wrt, among, keep = [] }: DifferentiateModelOptions,
): Differentiated {
  requireLoss(inferTypes(model).graph, name);
  const { model: reserved, loss } = reserveNames(model, name, [...(wrt ?? []), ...keep]);
  const typed = inferTypes(reserved);
  const { graph } = typed;
  const candidates = wrt ?? among ?? floatInitializers(graph);
  requireWeights(graph, candidates);

  const path = findGradientPath(graph, loss, candidates);
  const pass = runBackward(graph, path, loss);
  refuse(pass.obstacles);
  const weights = wrt ?? candidates.filter((weight) => pass.gradients.has(weight));
  const result = assemble(typed, { loss, weights, keep }, pass);
  checkShapes(result);
  return result;
}

/** One error for everything that is in the way. */
function refuse(obstacles: readonly Obstacle[]): void {
  if (obstacles.length === 0) return;
  const lines = obstacles.map(({ node, reason }) => `- ${node}: ${reason}`);
  throw new AutodiffError(
    "autodiff/unsupported",
    `No gradient can be computed through ${obstacles.length === 1 ? "a node" : `${obstacles.length} nodes`} ` +
      `between the weights and the loss:\n${lines.join("\n")}\n` +
      "Freeze the weights before these nodes, or export the model without them.",
    obstacles,
  );
}

/** A gradient of another shape than its weight is a defect of a rule. */
function checkShapes({ model, gradients }: Differentiated): void {
  const { graph } = inferTypes(model);
  for (const [weight, gradient] of gradients) {
    const expected = typeOfValue(graph, weight)?.shape;
    const actual = typeOfValue(graph, gradient)?.shape;
    if (expected && actual && !mayBeEqual(expected, actual)) {
      throw new Error(
        `internal: gradient of [${actual.join()}] for "${weight}" of [${expected.join()}]`,
      );
    }
  }
}

/** Sizes that are only names are not compared. */
function mayBeEqual(a: Shape, b: Shape): boolean {
  const differs = (dim: Dim, axis: number) =>
    typeof dim === "number" && typeof b[axis] === "number" && dim !== b[axis];
  return a.length === b.length && !a.some(differs);
}
