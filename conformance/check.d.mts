/** What counts as agreement: relative to the gradient's norm, and to the loss. */
export declare const TOLERANCE: number;

/** Relative errors of a case. */
export interface CheckedCase {
  readonly name: string;
  readonly lossError: number;
  /** Largest first. */
  readonly gradients: readonly { readonly name: string; readonly error: number }[];
  /** The largest of the losses along the training steps. */
  readonly trainingError: number;
}

export declare function checkCase(folder: string): Promise<CheckedCase>;
