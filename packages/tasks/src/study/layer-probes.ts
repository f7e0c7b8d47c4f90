import type { BaseSpec } from "@engraft/core";
import {
  type FitHeadOptions,
  gather,
  type LabelledFeatures,
  predictHeldOut,
} from "@engraft/core/internal";
import type { SummaryMetrics } from "../format/manifest/manifest.js";
import { summaryOf } from "../train/measure/metrics.js";
import { layerViews } from "./rank.js";

/** A layer of a base, and how good a probe on it alone is. */
export interface LayerMetrics {
  readonly name: string;
  readonly metrics: SummaryMetrics;
}

/**
 * Fits probes to each layer of a base and measures them on the folds that their regularisation is chosen
 * by. Choosing among 13 strengths flatters the metrics a little, and all layers alike: they are there
 * to be compared with one another.
 *
 * @param rows - Those that are learned from and measured on, ascending.
 * @param onLayer - Told before each layer.
 * @returns In the order of the base.
 */
export async function measureLayers(
  data: LabelledFeatures,
  rows: Int32Array,
  spec: BaseSpec,
  labels: readonly string[],
  fitting: FitHeadOptions,
  onLayer: () => void,
): Promise<LayerMetrics[]> {
  const { targets, groups } = data;
  const measured: LayerMetrics[] = [];
  for (const layer of layerViews(spec)) {
    onLayer();
    fitting.signal?.throwIfAborted();
    const { rows: places, logProbabilities } = await predictHeldOut(data, rows, layer, fitting);
    const heldOut = { rows: gather(rows, places), logProbabilities };
    const metrics = summaryOf([heldOut], { targets, groups, labels });
    measured.push({ name: layer.name, metrics });
  }
  return measured;
}
