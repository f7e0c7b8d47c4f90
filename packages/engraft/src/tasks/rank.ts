import { type Dataset, type OnProgress, UsageError } from "@engraft/core";
import {
  DEFAULT_BASE,
  type InputBinding,
  isOnnxPlace,
  OpenBases,
  type RankedBase,
  rankBase,
} from "@engraft/tasks";
import { type DataOptions, readDataset } from "../data/index.js";
import { createNodeHost } from "../host/node-host.js";
import { requireModality } from "./modality.js";
import { openCache, warnOfLeftOutViews } from "./train.js";

export interface RankOptions {
  /** Base models, or paths of ONNX files. Default: the shipped one for the kind of data. */
  readonly bases?: readonly string[] | undefined;
  /** How texts or images become the inputs of the ONNX files, as in the configuration of `train`. */
  readonly preprocess?: string | undefined;
  /** Inputs and sizes of the ONNX files that are fixed, as in the configuration of `train`. */
  readonly bind?: readonly InputBinding[] | undefined;
  /** Names of columns, where images are, and limits; all have defaults. */
  readonly columns?: DataOptions | undefined;
  /** Seed of the folds, which are the same for every base. Default 0. */
  readonly seed?: number | undefined;
  readonly skipBad?: boolean | undefined;
  readonly cache?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told which base is being measured. */
  readonly onBase?: ((base: string) => void) | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Measures which base model, and which of its layers, suits some labelled data, as `train` would: by
 * nested cross-validation on the same folds for all.
 *
 * @returns The bases, the one with the most accurate stack first.
 * @throws DataError when the data cannot be used.
 * @throws UsageError when a base cannot be found, or reads another kind of data.
 */
export async function rank(
  source: string | Dataset,
  options: RankOptions = {},
): Promise<RankedBase[]> {
  const { signal, skipBad = false, seed = 0, onProgress } = options;
  const dataset =
    typeof source === "string"
      ? await readDataset(source, {
          ...options.columns,
          skipBad,
          signal,
          onWarning: options.onWarning,
        })
      : source;
  const bases = options.bases ?? [DEFAULT_BASE[dataset.modality]];
  if (options.bind !== undefined && !bases.some(isOnnxPlace)) {
    throw new UsageError("None of the bases is an ONNX file: there is nothing to bind.");
  }
  const platform = createNodeHost();
  try {
    const ranked: RankedBase[] = [];
    for (const name of bases) {
      options.onBase?.(name);
      const { preprocess, bind } = options;
      const base = await new OpenBases(platform).open(
        name,
        isOnnxPlace(name) ? { preprocess, bind } : {},
      );
      requireModality(`Base model ${name}`, base.spec.modality, dataset);
      warnOfLeftOutViews(base.spec, "auto", options.onWarning);
      const pass = {
        openCache: openCache(options, base.spec.id),
        skipBad,
        signal,
        onProgress,
      };
      ranked.push({ ...(await rankBase(base, dataset, seed, platform, pass)), base: name });
    }
    return ranked.sort((a, b) => b.stack.accuracy - a.stack.accuracy);
  } finally {
    await platform.close();
  }
}
