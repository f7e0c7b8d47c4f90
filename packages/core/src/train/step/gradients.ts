import { dot, scale } from "../../math/vector.js";

/** The norm of all gradients together: √Σ g². `NaN` or infinite where one of them is. */
export function globalNorm(gradients: Iterable<Float32Array>): number {
  let sum = 0;
  for (const gradient of gradients) sum += dot(gradient, gradient);
  return Math.sqrt(sum);
}

/**
 * Shortens gradients whose norm is above `limit` to it, in place and all by the same factor, so that
 * their direction stays (PyTorch's `clip_grad_norm_`).
 *
 * @param norm - Their {@link globalNorm}.
 */
export function clipByNorm(gradients: Iterable<Float32Array>, norm: number, limit: number): void {
  // PyTorch's margin, so that rounding cannot leave the norm above the limit.
  const factor = limit / (norm + 1e-6);
  if (factor < 1) scaleGradients(gradients, factor);
}

/** Multiplies gradients in place. */
export function scaleGradients(gradients: Iterable<Float32Array>, factor: number): void {
  for (const gradient of gradients) scale(gradient, factor);
}
