import { UsageError } from "@engraft/core";
import { DEFAULT_BASE, isOnnxPlace } from "../bases/registry.js";
import type { InputBinding } from "../format/manifest/config.js";
import { requireModality } from "../sources/open-inputs.js";
import type { DataSource } from "../sources/source.js";
import { type RankedBase, rankBase } from "../study/rank.js";
import type { Workspace } from "../workspace.js";
import { passOf, readingOf, type WorkOptions } from "./options.js";
import { warnOfLeftOutViews } from "./train.js";

/** What is compared, and how. */
export interface SelectBaseOptions extends WorkOptions {
  /** Base models, or places of ONNX files. Default: the shipped one for the kind of data. */
  readonly bases?: readonly string[] | undefined;
  /** How texts or images become the inputs of the ONNX files, as for `train`. */
  readonly preprocess?: string | undefined;
  /** Inputs and sizes of the ONNX files that are fixed, as for `train`. */
  readonly bind?: readonly InputBinding[] | undefined;
  /** Seed of the folds, which are the same for every base. Default 0. */
  readonly seed?: number | undefined;
  /** Told which base is being measured. */
  readonly onBase?: ((base: string) => void) | undefined;
}

/** Measures which base suits some data; `Engraft.selectBase` is its form for programs. */
export async function selectBase(
  source: DataSource,
  options: SelectBaseOptions,
  workspace: Workspace,
): Promise<RankedBase[]> {
  const { host } = workspace;
  const { seed = 0, preprocess, bind } = options;
  const dataset = await host.data.dataset(source, readingOf(options, "train"));
  const names = options.bases ?? [DEFAULT_BASE[dataset.modality]];
  if (bind !== undefined && !names.some(isOnnxPlace)) {
    throw new UsageError("None of the bases is an ONNX file: there is nothing to bind.");
  }
  const ranked: RankedBase[] = [];
  for (const name of names) {
    options.onBase?.(name);
    const how = isOnnxPlace(name) ? { preprocess, bind } : {};
    const base = await workspace.bases.open(name, how);
    requireModality(`Base model ${name}`, base.spec.modality, dataset);
    warnOfLeftOutViews(base.spec, "auto", options.onWarning);
    const pass = passOf(options, base, workspace);
    ranked.push({ ...(await rankBase(base, dataset, seed, host, pass)), base: name });
  }
  return ranked.sort((a, b) => b.stack.accuracy - a.stack.accuracy);
}
