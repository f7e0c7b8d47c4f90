// A worker of Vitest that lives as long as the run of mutation tests.
//
// Vitest starts a worker for each run, and Stryker runs Vitest for each mutant: to start the worker and
// import the modules takes ten times as long as the tests. Here the first worker stays. It evaluates
// the test file anew for each mutant and keeps all other modules, so that mutants in code that runs
// when a module is loaded (Stryker calls them static) cannot be tested.
import { ThreadsPoolWorker } from "vitest/node";

/** The worker of this process; Stryker's processes have one each. */
let thread;
let started = false;

/** @type {import("vitest/node").PoolRunnerInitializer} */
export const keptWorker = {
  name: "kept",
  createPoolWorker: (options) => new KeptWorker(options),
};

/** Ends the thread, once Vitest is closed. */
export async function endWorker() {
  if (started) await thread.stop();
}

/** Stands between a run of Vitest and the thread that outlives the run. */
class KeptWorker {
  name = keptWorker.name;
  #listeners = new Map();
  #project;

  constructor(options) {
    this.#project = options.project;
    thread ??= new ThreadsPoolWorker(options);
  }

  async start() {
    if (!started) await thread.start();
  }

  async stop() {
    for (const [listener, event] of this.#listeners) thread.off(event, listener);
    this.#listeners.clear();
  }

  on(event, listener) {
    this.#listeners.set(listener, event);
    thread.on(event, listener);
  }

  off(event, listener) {
    this.#listeners.delete(listener);
    thread.off(event, listener);
  }

  send(message) {
    if (message.type === "stop") return this.#answer("stopped");
    if (message.type === "start" && started) return this.#answer("started");
    if (message.type === "start") started = true;
    // The thread knows the configuration of its start; the names of the tests to run are newer.
    if (message.type === "run") message.context.config = this.#project.serializedConfig;
    thread.send(message);
  }

  deserialize(data) {
    return data;
  }

  /** What the thread would say had it been asked. */
  #answer(type) {
    for (const [listener, event] of Array.from(this.#listeners)) {
      if (event === "message") listener({ type, __vitest_worker_response__: true });
    }
  }
}
