import type { EngraftErrorCode, OnnxErrorCode } from "./error-codes.js";

export type * from "./error-codes.js";

/**
 * The base of every error that Engraft throws on purpose. It lives in the lowest package so that
 * all others can extend it. Anything else that is thrown is a defect of ours.
 */
export abstract class EngraftError extends Error {
  /** Stable, machine-readable name of what went wrong, for example `"onnx/unsupported"`. */
  abstract readonly code: EngraftErrorCode;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A model, graph or tensor could not be read, checked or transformed. */
export class OnnxError extends EngraftError {
  readonly code: OnnxErrorCode;
  /** Name of the node, value or initializer concerned, where there is one. */
  readonly subject: string | undefined;

  constructor(
    code: OnnxErrorCode,
    message: string,
    details: { subject?: string; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.subject = details.subject;
  }
}
