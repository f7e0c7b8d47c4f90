// A worker of Vitest that lives as long as the run of mutation tests.
//
// Vitest starts a worker for each run, and Stryker runs Vitest for each mutant: to start the worker and
// import the modules takes ten times as long as the tests. Here the first worker stays. It evaluates
// the test file anew for each mutant and keeps all other modules, so that mutants in code that runs
// when a module is loaded (Stryker calls them static) cannot be tested. The worker is a process: some
// mutants write models that crash ONNX Runtime, and the next run starts another worker.
import { ForksPoolWorker } from "vitest/node";

/** The worker, from its first run to its end. Each process of Stryker has one. */
let kept;

/** @type {import("vitest/node").PoolRunnerInitializer} */
export const keptWorker = {
  name: "kept",
  createPoolWorker: (options) => new KeptWorker(options),
};

/** Ends the worker, once Vitest is closed. */
export async function endWorker() {
  await kept?.stop();
  kept = undefined;
}

/** Stands between a run of Vitest and the worker that outlives the run. */
class KeptWorker {
  name = keptWorker.name;
  cacheFs = true;
  #options;
  #worker;
  #isNew = false;
  #listeners = new Map();

  constructor(options) {
    this.#options = options;
  }

  async start() {
    if (kept === undefined) {
      kept = new ForksPoolWorker(this.#options);
      this.#isNew = true;
      await kept.start();
      kept.on("exit", () => {
        kept = undefined;
      });
    }
    this.#worker = kept;
  }

  async stop() {
    for (const [listener, event] of this.#listeners) this.#worker.off(event, listener);
    this.#listeners.clear();
  }

  on(event, listener) {
    this.#listeners.set(listener, event);
    this.#worker.on(event, listener);
  }

  off(event, listener) {
    this.#listeners.delete(listener);
    this.#worker.off(event, listener);
  }

  send(message) {
    if (message.type === "stop") return this.#answer("stopped");
    if (message.type === "start" && !this.#isNew) return this.#answer("started");
    // The worker knows the configuration of its start; the names of the tests to run are newer.
    if (message.type === "run") message.context.config = this.#options.project.serializedConfig;
    this.#worker.send(message);
  }

  deserialize(data) {
    return data;
  }

  /** What the worker would say had it been asked. */
  #answer(type) {
    for (const [listener, event] of Array.from(this.#listeners)) {
      if (event === "message") listener({ type, __vitest_worker_response__: true });
    }
  }
}
