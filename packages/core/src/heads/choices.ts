/** What the probes of a head look at: several views of the layers, stacked, or the last layer alone. */
export const VIEW_CHOICES = ["auto", "last"] as const;
/** One of {@link VIEW_CHOICES}. */
export type ViewChoice = (typeof VIEW_CHOICES)[number];

/** Kinds of classifiers on frozen features. */
export const CLASSIFIER_KINDS = ["logistic", "nearest-mean", "nearest-neighbours"] as const;
/** One of {@link CLASSIFIER_KINDS}. */
export type ClassifierKind = (typeof CLASSIFIER_KINDS)[number];

/** How much each class counts: as its examples are, or all the same. */
export const CLASS_WEIGHTS = ["none", "balanced"] as const;
/** One of {@link CLASS_WEIGHTS}. */
export type ClassWeights = (typeof CLASS_WEIGHTS)[number];
