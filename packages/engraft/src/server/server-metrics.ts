import { type Counter, type Histogram, Metrics } from "./metrics.js";

/** Upper bounds for durations, in seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Upper bounds for numbers of inputs. */
const INPUTS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** What a server counts. */
export class ServerMetrics {
  readonly registry: Metrics = new Metrics();
  readonly #requests: Counter;
  readonly #durations: Histogram;
  readonly #predictions: Counter;
  readonly #reloads: Counter;
  readonly #batchInputs: Histogram;
  readonly #batchDurations: Histogram;

  constructor() {
    const { registry } = this;
    this.#requests = registry.counter(
      "engraft_http_requests_total",
      "Requests answered, by route and status.",
    );
    this.#durations = registry.histogram(
      "engraft_http_request_duration_seconds",
      "Time from the head of a request to the end of its answer.",
      SECONDS,
    );
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
    registry.gauge("process_resident_memory_bytes", "Memory of the process.", () =>
      process.memoryUsage.rss(),
    );
  }

  /** @param waiting - Gives the number of inputs that wait. */
  watchQueue(waiting: () => number): void {
    this.registry.gauge("engraft_queue_inputs", "Inputs that wait for a pass of a base.", waiting);
  }

  /** @param route - As it is declared, not as it was asked for: its values are few. */
  request(route: string, status: number, seconds: number): void {
    this.#requests.add({ route, status: String(status) });
    this.#durations.observe(seconds, { route });
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
