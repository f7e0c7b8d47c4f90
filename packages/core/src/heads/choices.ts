/** What the probes of a head look at: several views of the layers, stacked, or the last layer alone. */
export const VIEW_CHOICES = ["auto", "last"] as const;
export type ViewChoice = (typeof VIEW_CHOICES)[number];

/** Kinds of classifiers on frozen features. */
export const CLASSIFIER_KINDS = ["logistic", "nearest-mean", "nearest-neighbours"] as const;
export type ClassifierKind = (typeof CLASSIFIER_KINDS)[number];

/** How much each class counts: as its examples are, or all the same. */
export const CLASS_WEIGHTS = ["none", "balanced"] as const;
export type ClassWeights = (typeof CLASS_WEIGHTS)[number];
