import { type AutodiffErrorCode, EngraftError } from "@engraft/onnx/errors";

/** A node that keeps a graph from being differentiated. */
export interface Obstacle {
  /** The node as messages name it: operator, and name or first output. */
  readonly node: string;
  /** Domain and operator, `com.example:Foo`; the ONNX domain is left out. */
  readonly operator: string;
  /** Why no gradient can go through it. */
  readonly reason: string;
}

/** A graph could not be differentiated. */
export class AutodiffError extends EngraftError {
  readonly code: AutodiffErrorCode;
  /** Every node in the way; empty for `autodiff/invalid-request`. */
  readonly obstacles: readonly Obstacle[];

  constructor(code: AutodiffErrorCode, message: string, obstacles: readonly Obstacle[] = []) {
    super(message);
    this.code = code;
    this.obstacles = obstacles;
  }
}

/** Thrown by a rule for a form of its operator that it cannot differentiate; the driver collects it. */
export class UnsupportedForm extends Error {}

/** A form that a rule cannot tell, as the type of a value is not known: often after another obstacle. */
export class UnknownType extends UnsupportedForm {}
