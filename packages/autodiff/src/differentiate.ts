import {
  type DecodeOptions,
  type Dim,
  decodeModel,
  encodeModel,
  findWeights,
  inferTypes,
  type LeftOut,
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
   * inputs of the result. Default: every weight ({@link findWeights}) that the loss depends on.
   */
  readonly wrt?: readonly string[];
}

/** The producer that models of a loss and its gradients name. */
export const DIFFERENTIATOR = { name: "engraft differentiate", version: "" };

/** How a model is read and differentiated. */
export interface DifferentiateBytesOptions extends DifferentiateOptions, DecodeOptions {}

/**
 * Reverse-mode automatic differentiation: from an ONNX model, the bytes of a plain ONNX model that
 * any ONNX Runtime runs. Its inputs are the model's own and the weights that are differentiated by,
 * under their names; its outputs are `loss` and `grad/<weight>` for each weight, in this order. A
 * name that an input or a weight of the model has already gets a number: `loss_1`.
 *
 * @throws AutodiffError `autodiff/unsupported`, naming every node that has no gradient;
 * `autodiff/invalid-request` when the loss is not one number, a weight is not there, or the loss
 * depends on no weight.
 * @throws OnnxError when the bytes are not an ONNX model.
 */
export function differentiate(model: Uint8Array, options: DifferentiateBytesOptions): Uint8Array {
  const decoded = decodeModel(model, options);
  const { loss, wrt } = options;
  if (wrt === undefined) return encodeModel(differentiateWeights(decoded, { loss }).model);
  const { model: result } = differentiateModel(normalizeFor(decoded, loss), { loss, wrt });
  return encodeModel({ ...result, producer: DIFFERENTIATOR });
}

/** A model of a loss and its gradients, with what it has no gradients by. */
export interface WeightGradients extends Differentiated {
  /** Weights that were asked for, and stored floats that are no weights, each with the reason. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Differentiates a model as it was decoded by its weights, as {@link findWeights} finds them. A weight
 * that exporters have merged with others of equal values has one gradient for each layer.
 *
 * @param options - `only` says which weights, by name. Default: all that the loss depends on.
 * @throws AutodiffError as {@link differentiate}.
 */
export function differentiateWeights(
  model: Model,
  { loss, only }: { readonly loss: string; readonly only?: (weight: string) => boolean },
): WeightGradients {
  const found = findWeights(normalizeFor(model, loss));
  const wanted = found.weights.filter(({ name }) => only?.(name) ?? true);
  const among = wanted.map(({ name }) => name);
  const result = differentiateModel(found.model, { loss, among });
  const without = wanted
    .filter(({ name }) => !result.gradients.has(name))
    .map(({ name, tensor }) => ({ name, shape: tensor.dims, reason: NO_GRADIENT }));
  const leftOut = [...without, ...found.leftOut];
  if (result.gradients.size === 0) throw noGradients(loss, leftOut);
  return { ...result, model: { ...result.model, producer: DIFFERENTIATOR }, leftOut };
}

const NO_GRADIENT = "no gradient flows from the loss to it";

/** The normal form of the part of a model that a loss depends on. */
function normalizeFor(model: Model, loss: string): Model {
  return normalize(keepingOnly(inferTypes(model), loss));
}

/** Most names in a message. */
const MOST_NAMED = 5;

function noGradients(loss: string, leftOut: readonly LeftOut[]): AutodiffError {
  const lines = leftOut.slice(0, MOST_NAMED).map(({ name, reason }) => `- "${name}": ${reason}`);
  const more = leftOut.length > MOST_NAMED ? [`- and ${leftOut.length - MOST_NAMED} more`] : [];
  const reasons =
    leftOut.length === 0
      ? " No float tensors are stored in the part of the model that it depends on."
      : ` What is stored there as floats:\n${[...lines, ...more].join("\n")}`;
  return new AutodiffError(
    "autodiff/invalid-request",
    `There is no weight that a gradient flows to from the loss "${loss}".${reasons}`,
  );
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
