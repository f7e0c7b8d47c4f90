import type { Device } from "../device.js";
import type { Measurement } from "./measure.js";

/** The largest error with which a GPU passes: a prediction is then the same within 0.001. */
const TOLERANCE = 1e-3;

/** Where the layers of a base model run. */
export interface BaseDevice {
  /** Its name. */
  readonly base: string;
  readonly device: Device;
  /** Why, as a sentence. */
  readonly reason: string;
  /** What was measured; undefined where it does not run on the GPU. */
  readonly measurement: Measurement | undefined;
}

/** What came of a first batch on the GPU: a measurement, or why the model does not run there. */
export type Outcome = Measurement | { readonly failure: string };

/** Whether a model must not run on the GPU. */
export function isRefused(outcome: Outcome): boolean {
  return "failure" in outcome || outcome.error > TOLERANCE;
}

/**
 * Chooses the device by what came of the first batch.
 *
 * @param base - What to call the model.
 * @param isAsked - The GPU was asked for, though it may take longer.
 */
export function choiceOf(base: string, outcome: Outcome, isAsked: boolean): BaseDevice {
  if ("failure" in outcome) {
    const reason = `On the GPU ${base} does not run: ${outcome.failure}. It runs in WebAssembly.`;
    return { base, device: "wasm", reason, measurement: undefined };
  }
  const { error, milliseconds } = outcome;
  const { wasm, webgpu } = milliseconds;
  if (isRefused(outcome)) {
    const reason =
      `On the GPU ${base} gives other results than in WebAssembly: they differ by ${error.toPrecision(2)}, ` +
      `and ${TOLERANCE} is the limit. It runs in WebAssembly.`;
    return { base, device: "wasm", reason, measurement: outcome };
  }
  const device = isAsked || webgpu < wasm ? "webgpu" : "wasm";
  const reason = `A batch took ${Math.round(webgpu)} ms on the GPU and ${Math.round(wasm)} ms in WebAssembly.`;
  return { base, device, reason, measurement: outcome };
}
