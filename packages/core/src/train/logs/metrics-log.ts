import type { TrainingEvent } from "../loop/events.js";

/** One line of `metrics.jsonl`: the event as JSON, with a line feed at its end. */
export function metricsLine(event: TrainingEvent): string {
  return `${JSON.stringify(event)}\n`;
}
