import {
  encodeWithSharedWeights,
  type Model,
  type ModelWithSharedWeights,
} from "@engraft/onnx/graph";

declare const written: unique symbol;

/**
 * An ONNX model that Engraft has written itself: the only ones that sessions are made of. Weights in
 * memory that threads share lie beside its bytes.
 *
 * ONNX Runtime does what a file says: for a model from bytes it reads external data from the current
 * folder. Bytes of others are decoded first, which leaves nothing of a file but its graph and weights.
 */
export type SessionModel = ModelWithSharedWeights & { readonly [written]: true };

/** Writes a model for a session. */
export function sessionModel(model: Model): SessionModel {
  return encodeWithSharedWeights(model) as SessionModel;
}
