import { type Counter, type Histogram, MetricsRegistry } from "./metrics-registry.js";

/** Upper bounds for durations, in seconds. */
export const SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** Upper bounds for numbers of inputs. */
const INPUTS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** What serving counts, whoever carries the requests. */
export class ServingMetrics {
  /** Where whoever carries the requests adds metrics of its own. */
  readonly registry: MetricsRegistry = new MetricsRegistry();
  readonly #predictions: Counter;
  readonly #reloads: Counter;
  readonly #batchInputs: Histogram;
  readonly #batchDurations: Histogram;

  /** @param waiting - Gives the number of inputs that wait. */
  constructor(waiting: () => number) {
    const { registry } = this;
    this.#predictions = registry.counter("engraft_predictions_total", "Predictions made, by task.");
    this.#reloads = registry.counter(
      "engraft_task_reloads_total",
      "Times that a changed task folder was read, by task and outcome.",
    );
    this.#batchInputs = registry.histogram(
      "engraft_batch_inputs",
      "Inputs in one pass of a base.",
      INPUTS,
    );
    this.#batchDurations = registry.histogram(
      "engraft_batch_duration_seconds",
      "Time of one pass of a base with the heads on it.",
      SECONDS,
    );
    registry.gauge("engraft_queue_inputs", "Inputs that wait for a pass of a base.", waiting);
    registry.gauge("process_resident_memory_bytes", "Memory of the process.", () =>
      process.memoryUsage.rss(),
    );
  }

  predictions(task: string, count: number): void {
    this.#predictions.add({ task }, count);
  }

  reload(task: string, outcome: "success" | "failure"): void {
    this.#reloads.add({ task, outcome });
  }

  /** Counts a batch; the function that it returns is to be called at its end. */
  startBatch(inputs: number): () => void {
    const startedAt = performance.now();
    this.#batchInputs.observe(inputs);
    return () => this.#batchDurations.observe((performance.now() - startedAt) / 1000);
  }
}
