import { encodeModel, type Model } from "@engraft/onnx/graph";

declare const written: unique symbol;

/**
 * The bytes of an ONNX model that Engraft has written itself: the only ones that sessions are made of.
 *
 * ONNX Runtime does what a file says: for a model from bytes it reads external data from the current
 * folder. Bytes of others are decoded first, which leaves nothing of a file but its graph and weights.
 */
export type SessionModel = Uint8Array<ArrayBuffer> & { readonly [written]: true };

/** Writes a model for a session. */
export function sessionModel(model: Model): SessionModel {
  return encodeModel(model) as SessionModel;
}
