import { UsageError } from "@engraft/core/errors";
import { isMeasured, type MeasuredManifest, type TaskManifest } from "./manifest.js";

/** That what was asked for needs a task that was measured. */
export function unmeasuredError(): UsageError {
  return new UsageError(
    "Nothing measured the task: it was started from the names of its labels. Label some examples and " +
      "extend the task with them; then its metrics are known.",
  );
}

/**
 * Makes sure that a task was measured.
 *
 * @throws UsageError when it was started without labels.
 */
export function requireMeasured(manifest: TaskManifest): MeasuredManifest {
  if (isMeasured(manifest)) return manifest;
  throw unmeasuredError();
}
