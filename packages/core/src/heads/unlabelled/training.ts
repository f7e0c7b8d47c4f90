import type { LabelledFeatures, OutOfFold } from "../../features/labelled-features.js";
import type { FitHeadOptions, FittedView, FittedViews } from "../stack/stacked-head.js";
import type { Unlabelled } from "./unlabelled.js";

/** Labelled rows that are learned from, with what is known before unlabelled ones have a part in it. */
export interface Training {
  /** The views of the training rows, with the classifiers of the folds. */
  readonly fitted: FittedViews;
  readonly data: LabelledFeatures;
  /** The training rows. */
  readonly rows: Int32Array;
  readonly unlabelled: Unlabelled;
  /** The folds that are held out, by turns. */
  readonly heldOut: readonly number[];
  readonly options: FitHeadOptions;
}

/** A view that was fitted, and what it says about rows that it was fitted without. */
export interface FittedOne {
  readonly view: FittedView;
  readonly outOfFold: OutOfFold;
}
