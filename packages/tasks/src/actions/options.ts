import { type OpenFeatureCache, openMemoryCache } from "@engraft/core/internal";
import type { CacheOptions, DataOptions, RunOptions } from "../sources/options.js";
import type { ReadDatasetOptions } from "../sources/source.js";
import type { PassOptions } from "../train/extract-dataset.js";
import type { Workspace } from "../workspace.js";

/** What all work on data takes. */
export interface WorkOptions extends DataOptions, RunOptions, CacheOptions {}

/** How labelled data is read for some work. */
export function readingOf(
  options: DataOptions & RunOptions,
  purpose: ReadDatasetOptions["purpose"],
  formerPlace?: string,
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
    formerPlace,
  };
}

/** How the layers of a base are read. */
export function passOf(options: WorkOptions, base: string, workspace: Workspace): PassOptions {
  const { skipBad = false, signal, onProgress } = options;
  return { openCache: openCache(options, base, workspace), skipBad, signal, onProgress };
}

/** The cache that options ask for. */
function openCache(
  { cache = true, onWarning = () => {} }: CacheOptions & RunOptions,
  base: string,
  { host }: Workspace,
): OpenFeatureCache {
  return cache ? host.openFeatureCache(base, onWarning) : openMemoryCache;
}
