/**
 * Milliseconds since 1970 on a clock that never jumps, for durations: it does not follow when the
 * system's clock is set.
 */
export function monotonicTime(): number {
  return performance.timeOrigin + performance.now();
}
