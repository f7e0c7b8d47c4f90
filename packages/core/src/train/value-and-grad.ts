import { compileStep, type StepSource } from "./compile-step.js";
import type { FitConfig } from "./config.js";
import { tensorSource } from "./example-source.js";
import { type FitPlatform, initialState, stepSettings } from "./fit.js";
import { FrozenPrefix } from "./frozen-prefix.js";
import type { Feeds } from "./sizes.js";
import type { LossAndGradients } from "./step-engine.js";

/**
 * The loss of one batch and its gradients by the trainable weights, as training computes them.
 *
 * @param inputs - Inputs of the model; the first axis of each counts the examples.
 * @param targets - What the loss compares with.
 */
export async function lossAndGradients(
  source: StepSource,
  inputs: Feeds,
  targets: Feeds,
  config: FitConfig,
  platform: FitPlatform,
): Promise<LossAndGradients> {
  const step = compileStep(source, config.loss);
  const examples = tensorSource(inputs);
  const state = initialState(source, step, config);
  const engine = await platform.openStepEngine(step, stepSettings(step, config, {}), state);
  const prefix = await FrozenPrefix.open(step, examples, platform.runtime, {});
  try {
    const all = Array.from({ length: examples.count }, (_, position) => position);
    return await engine.gradients({ ...(await prefix.feeds(all, 0)), ...targets });
  } finally {
    await engine.close();
    await prefix.close();
  }
}
