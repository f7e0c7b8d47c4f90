import { feedUpdate } from "../feed/batch-feed.js";
import { FrozenPrefix } from "../feed/frozen-prefix.js";
import { type FitPlatform, type FitSamples, initialState, stepSettings } from "../loop/fit.js";
import type { FitConfig } from "../settings/config.js";
import { compileStep, type StepSource } from "../step/compile-step.js";
import type { LossAndGradients } from "../step/step-engine.js";

/**
 * The loss of one batch and its gradients by the trainable weights, as training computes them.
 *
 * @param batch - All of its samples make the batch.
 */
export async function lossAndGradients(
  source: StepSource,
  { source: examples, samples }: FitSamples,
  config: FitConfig,
  platform: FitPlatform,
): Promise<LossAndGradients> {
  const step = compileStep(source, config.loss);
  const state = initialState(source, step, config);
  const engine = await platform.openStepEngine(step, stepSettings(step, config, {}), state);
  const prefix = await FrozenPrefix.open(step, examples, platform.runtime, {});
  try {
    const all = Array.from({ length: samples.count }, (_, sample) => sample);
    const feeds = (positions: readonly number[], epoch: number) => prefix.feeds(positions, epoch);
    const fed = { samples, target: step.targets.name, feeds };
    const [batch] = await feedUpdate(fed, [all], 0);
    return await engine.gradients(batch!);
  } finally {
    await engine.close();
    await prefix.close();
  }
}
