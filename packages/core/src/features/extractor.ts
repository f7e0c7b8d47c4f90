import { type BaseModel, referenceOf } from "../bases/base.js";
import type { Tap } from "../bases/spec.js";
import type { Platform } from "../platform.js";
import { COLOR_HISTOGRAM, columnKey, type FeatureColumn, TEXT_LENGTH } from "./columns.js";
import { featureModel } from "./graph.js";
import { imagePass } from "./image-pass.js";
import type { FeaturePass } from "./pass.js";
import { textPass } from "./text-pass.js";

/** The frozen layers of a base, ready to turn inputs into features. */
export interface FeatureExtractor {
  readonly run: FeaturePass;
  release(): Promise<void>;
}

/** How layers of a base are loaded. */
export interface ExtractorOptions {
  /** Taps that a batch gives before pooling, too: `wholeOutputs`. Default: none. */
  readonly whole?: readonly Tap[] | undefined;
  /** As of a session. Default: false. */
  readonly lowLatency?: boolean | undefined;
}

/** Columns that preprocessing gives. */
const besideLayers = new Set([COLOR_HISTOGRAM, TEXT_LENGTH].map(columnKey));

/**
 * Loads the part of a base that some columns need: deeper layers are left out. Not an async function,
 * which would keep the whole base in memory until the part is loaded.
 *
 * @param columns - Columns that preprocessing gives ({@link COLOR_HISTOGRAM}, {@link TEXT_LENGTH})
 *   stand last.
 */
export function createExtractor(
  base: BaseModel,
  columns: readonly FeatureColumn[],
  platform: Platform,
  { whole = [], lowLatency = false }: ExtractorOptions = {},
): Promise<FeatureExtractor> {
  const layers = columns.filter((column) => !besideLayers.has(columnKey(column)));
  const isWanted = (wanted: FeatureColumn): boolean =>
    columns.some((column) => columnKey(column) === columnKey(wanted));
  const { preprocessing } = base.spec;
  const session = platform.runtime.createSession(featureModel(base, layers, whole), {
    base: referenceOf(base),
    lowLatency,
  });
  // The pass gets ready, which for texts takes as long again, while the model loads on its thread.
  const run =
    preprocessing.kind === "text"
      ? textPass(base, preprocessing, session, platform, isWanted(TEXT_LENGTH))
      : imagePass(base, preprocessing, session, platform, isWanted(COLOR_HISTOGRAM));
  return session.then((loaded) => ({ run, release: () => loaded.release() }));
}
