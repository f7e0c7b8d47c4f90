import type { BaseSpec, Tap } from "../bases/spec.js";
import { COLOR_HISTOGRAM_BINS } from "../preprocess/image/histogram.js";

/** How the positions of a tap (tokens, or the cells of a feature map) become one vector. */
export const POOLINGS = ["mean", "max", "none"] as const;
/** The mean of the positions, their maximum, or the one vector that there is. */
export type Pooling = (typeof POOLINGS)[number];

/** One group of features: a tap of the base, pooled. */
export interface FeatureColumn {
  /** Name of the tap in the base's spec. */
  readonly tap: string;
  readonly pooling: Pooling;
  /** Number of features. */
  readonly width: number;
}

/**
 * Every column that one pass of a base can give: each tap's mean, and for tokens also the maximum,
 * which shows whether a feature occurs anywhere in a long text.
 */
export function allColumns(spec: BaseSpec): FeatureColumn[] {
  return spec.taps.flatMap(({ name, kind, width }) =>
    poolingsOf(kind).map((pooling) => ({ tap: name, pooling, width })),
  );
}

function poolingsOf(kind: Tap["kind"]): Pooling[] {
  switch (kind) {
    case "tokens":
      return ["mean", "max"];
    case "map":
      return ["mean"];
    case "vector":
      return ["none"];
  }
}

/**
 * Not a layer of the base: the colours of the image, for the baseline that shows what the base
 * adds. It comes out of preprocessing, in the same pass.
 */
export const COLOR_HISTOGRAM: FeatureColumn = {
  tap: "color-histogram",
  pooling: "none",
  width: COLOR_HISTOGRAM_BINS,
};

/**
 * Not a layer of the base: how many tokens of a text the base reads, and how many there are. It is
 * kept with the layers, so that what was cut is known when they come from the feature cache.
 */
export const TEXT_LENGTH: FeatureColumn = { tap: "text-length", pooling: "none", width: 2 };

/** Total number of features of some columns. */
export function totalWidth(columns: readonly FeatureColumn[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0);
}

/** `block.3:mean`: the name under which a column is stored and compared. */
export function columnKey({ tap, pooling }: FeatureColumn): string {
  return `${tap}:${pooling}`;
}
