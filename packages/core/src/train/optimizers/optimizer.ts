/** One update of one weight. Arrays are changed in place. */
export interface OptimizerUpdate {
  readonly weight: Float32Array;
  readonly gradient: Float32Array;
  /** State of this weight, in the order of {@link Optimizer.slots}; the size of the weight each. */
  readonly slots: readonly Float32Array[];
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Number of this update, from 1. */
  readonly step: number;
  /** The part to update; by default everything. Weight, gradient and slots are of equal length then. */
  readonly range?: UpdateRange | undefined;
}

/** A part of a weight, and where its gradient stands. */
export interface UpdateRange {
  readonly start: number;
  /** Behind the last element. */
  readonly end: number;
  /** Position in `gradient` of the element that belongs to `start`. */
  readonly gradientStart: number;
}

/**
 * A rule that moves weights along their gradients. It holds no state of its own: what it remembers of
 * a weight stands in named arrays beside it, so that a checkpoint can store them.
 */
export interface Optimizer {
  /** Names of the arrays that are kept for every weight. They start at zero. */
  readonly slots: readonly string[];
  /**
   * Whether weight decay shrinks the weight directly. Otherwise it is added to the gradient, and so
   * moves the slots too.
   */
  readonly decoupledDecay: boolean;
  /**
   * Copies weights and slots to where updates of them are fastest, or returns them as they are. Called
   * once, with all that will be updated.
   */
  place(arrays: readonly Float32Array[]): Float32Array[];
  /** Sums are made in double precision and stored in single. */
  update(update: OptimizerUpdate): void;
}

/** Slots of a weight that was never updated. */
export function createSlots({ slots }: Optimizer, length: number): Float32Array[] {
  return slots.map(() => new Float32Array(length));
}

/** The range of an update, the default filled in. */
export function rangeOf({ weight, range }: OptimizerUpdate): UpdateRange {
  return range ?? { start: 0, end: weight.length, gradientStart: 0 };
}
