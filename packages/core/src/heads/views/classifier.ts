import type { LabelNames, OutOfFold } from "../../features/labelled-features.js";
import type { LinearAlgebra, Matrix64 } from "../../math/matrix.js";
import { logSoftmaxRows } from "../../math/softmax.js";
import { isCsr } from "../../math/sparse.js";
import type { ClassWeights } from "../choices.js";
import {
  fitNearestMean,
  type NearestMeanModel,
  nearestMeanLogits,
} from "../distance/nearest-mean.js";
import {
  fitNearestNeighbours,
  type NearestNeighboursModel,
  nearestNeighboursLogProbabilities,
} from "../distance/nearest-neighbours.js";
import {
  type NeighbourGraphModel,
  neighbourGraphLogProbabilities,
} from "../distance/neighbour-graph.js";
import { type Features, type LinearModel, linearLogits } from "../logistic/linear-model.js";
import { type FoldModel, fitProbe, fitProbeAt } from "../logistic/probe.js";
import { fitNames } from "../names/names.js";
import type { TfidfModel } from "../words/tfidf.js";
import type { PreparedView } from "./view-matrix.js";
import type { ViewClassifier } from "./views.js";

/** What was fitted to one view; reads what `viewFeatures` gives. */
export type Classifier =
  | {
      readonly kind: "logistic";
      readonly linear: LinearModel;
      /** Inverse regularisation strength, chosen out of fold. */
      readonly c: number;
    }
  | { readonly kind: "nearest-mean"; readonly model: NearestMeanModel }
  | { readonly kind: "nearest-neighbours"; readonly model: NearestNeighboursModel }
  | { readonly kind: "graph"; readonly model: NeighbourGraphModel };

/** The rows that a classifier learns from. */
export interface ClassifierOptions {
  readonly targets: Int32Array;
  readonly classes: number;
  /** The fold that each row is held out in when something is chosen. */
  readonly folds: Int32Array;
  readonly classWeights: ClassWeights;
  /** What the names of the classes say, for a view on them. */
  readonly names?: LabelNames | undefined;
  readonly linearAlgebra: LinearAlgebra;
  readonly signal: AbortSignal | undefined;
  /** Whether the classifiers of the folds are wanted. Default: no. */
  readonly keepFolds?: boolean | undefined;
}

/** A classifier, and what it says about rows that were held out while it was fitted. */
export interface FittedClassifier {
  readonly classifier: Classifier;
  readonly outOfFold: OutOfFold;
  /** Those that `outOfFold` is from, where they are wanted and logistic; they read the same features. */
  readonly folds: readonly FoldModel[];
}

/** Fits a classifier to a view. */
export async function fitClassifier(
  kind: ViewClassifier,
  view: PreparedView,
  options: ClassifierOptions,
): Promise<FittedClassifier> {
  if (kind === "logistic") {
    const probe = await fitProbe({ ...options, features: view.features, signal: options.signal });
    const linear = view.toPlain(probe.linear);
    return {
      classifier: { kind, linear, c: probe.c },
      outOfFold: probe.outOfFold,
      folds: probe.folds.map(({ fold, linear: model }) => ({ fold, linear: view.toPlain(model) })),
    };
  }
  if (kind === "graph") throw new Error("internal: a graph is fitted with the unlabelled rows");
  const features = requireDense(view.features);
  if (kind === "names") {
    if (options.names === undefined) throw new Error("internal: a view on names without names");
    const { model, logProbabilities } = await fitNames({
      ...options,
      names: options.names,
      features,
    });
    return {
      classifier: { kind: "nearest-mean", model },
      outOfFold: ofAllRows(logProbabilities),
      folds: [],
    };
  }
  if (kind === "nearest-mean") {
    const fit = await fitNearestMean({ ...options, features });
    return {
      classifier: { kind, model: fit.model },
      outOfFold: ofAllRows(fit.outOfFoldLogProbabilities),
      folds: [],
    };
  }
  const fit = await fitNearestNeighbours({ ...options, features, groups: options.folds });
  return {
    classifier: { kind, model: fit.model },
    outOfFold: ofAllRows(fit.outOfFoldLogProbabilities),
    folds: [],
  };
}

/** What is needed to fit a classifier again. */
export type ClassifierSettings =
  | {
      readonly kind: "logistic";
      readonly c: number;
      /** Where the fit starts if the problem is a large one; reads what `viewFeatures` gives. */
      readonly linear?: LinearModel | undefined;
    }
  | { readonly kind: Exclude<ViewClassifier, "logistic"> };

/**
 * Fits a classifier to other rows than its settings were chosen by; they stay as they are.
 *
 * @param tfidf - Words of the view that the settings are from.
 */
export async function refitClassifier(
  settings: ClassifierSettings,
  tfidf: TfidfModel | undefined,
  view: PreparedView,
  options: ClassifierOptions,
): Promise<Classifier> {
  const { kind } = settings;
  if (kind !== "logistic") return (await fitClassifier(kind, view, options)).classifier;
  const { c, linear } = settings;
  const probe = { ...options, features: view.features, signal: options.signal };
  // A classifier of other classes is no start.
  const start = linear?.bias.length === options.classes ? view.fromPlain(linear, tfidf) : undefined;
  return { kind, c, linear: view.toPlain(await fitProbeAt(c, probe, start)) };
}

/** What a classifier by distance or by names says: it is asked about every row. */
function ofAllRows(logProbabilities: Matrix64): OutOfFold {
  return {
    rows: Int32Array.from({ length: logProbabilities.rows }, (_, row) => row),
    logProbabilities,
  };
}

/** Log-probabilities of every row: [rows, classes]. */
export async function classify(
  classifier: Classifier,
  features: Features,
  linearAlgebra: LinearAlgebra,
): Promise<Matrix64> {
  switch (classifier.kind) {
    case "logistic":
      return logSoftmaxRows(await linearLogits(classifier.linear, features, linearAlgebra));
    case "nearest-mean": {
      const dense = requireDense(features);
      return logSoftmaxRows(await nearestMeanLogits(classifier.model, dense, linearAlgebra));
    }
    case "nearest-neighbours":
      return nearestNeighboursLogProbabilities(
        classifier.model,
        requireDense(features),
        linearAlgebra,
      );
    case "graph": {
      const dense = requireDense(features);
      return neighbourGraphLogProbabilities(classifier.model, dense, linearAlgebra);
    }
  }
}

function requireDense(features: Features): Exclude<Features, { rowOffsets: Int32Array }> {
  if (isCsr(features)) throw new Error("internal: distances are taken on layers, not on words");
  return features;
}
