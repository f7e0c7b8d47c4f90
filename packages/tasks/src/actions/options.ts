import type { BaseModel } from "@engraft/core";
import { type OpenFeatureCache, openMemoryCache } from "@engraft/core/internal";
import { referenceOf } from "@engraft/core/predict";
import type { CacheOptions, ReadingOptions, RunOptions } from "../sources/options.js";
import type { ReadDatasetOptions } from "../sources/source.js";
import type { PassOptions } from "../train/data/extract-dataset.js";
import type { Workspace } from "../workspace.js";

/** What all work on data takes. */
export interface WorkOptions extends ReadingOptions, RunOptions, CacheOptions {}

/** How labelled data is read for some work. */
export function readingOf(
  options: ReadingOptions & RunOptions,
  purpose: ReadDatasetOptions["purpose"],
  formerFolder?: string,
): ReadDatasetOptions {
  const { columns, header, imageFolder, maxImagePixels, maxTextBytes, skipBad } = options;
  const { signal, onWarning } = options;
  const limits = { maxImagePixels, maxTextBytes };
  return {
    columns,
    header,
    imageFolder,
    ...limits,
    skipBad,
    signal,
    onWarning,
    purpose,
    formerFolder,
  };
}

/** How the layers of a base are read. */
export function passOf(options: WorkOptions, base: BaseModel, workspace: Workspace): PassOptions {
  const { skipBad = false, signal, onProgress } = options;
  return { openCache: openCache(options, base, workspace), skipBad, signal, onProgress };
}

/** The cache that options ask for. */
function openCache(
  { cache = true, onWarning = () => {} }: CacheOptions & RunOptions,
  base: BaseModel,
  { host }: Workspace,
): OpenFeatureCache {
  return cache ? host.openFeatureCache(referenceOf(base), onWarning) : openMemoryCache;
}
