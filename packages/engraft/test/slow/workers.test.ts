import { MessageChannel, Worker } from "node:worker_threads";
import {
  type Feeds,
  feedsOf,
  fitConfigSchema,
  fitModel,
  layers,
  Model,
  type SessionModel,
} from "@engraft/core";
import { WorkerError } from "@engraft/core/errors";
import { trainingWorkers, WorkerPool } from "@engraft/core/workers";
import { eventPort, type Port } from "@engraft/core/workers/port";
import { tensorOf } from "@engraft/onnx";
import { afterEach, describe, expect, it } from "vitest";
import { createNodeHost } from "../../dist/host/node-host.js";
import { NODE_ERRORS } from "../../dist/host/workers/node-errors.js";
import { startWorker, workerPort } from "../../dist/host/workers/node-port.js";

/** How a worker of `fixtures/failing-worker.mjs` fails. Default: it does not. */
interface Plan {
  readonly kind?: "training";
  readonly onCreate?: string;
  readonly onRun?: string;
  /** Runs before the one that fails. Default 0. */
  readonly goodRuns?: number;
}

const entry = new URL("../fixtures/failing-worker.mjs", import.meta.url);
const resourceLimits = { maxOldGenerationSizeMb: 48 };

/** The two kinds of ports that there are between threads. */
const transports: Readonly<Record<string, (plan: Plan) => Port>> = {
  "a worker of worker_threads": (plan) =>
    workerPort(track(new Worker(entry, { workerData: plan, resourceLimits }))),
  "a message port": (plan) => {
    const { port1, port2 } = new MessageChannel();
    const workerData = { ...plan, port: port2 };
    track(new Worker(entry, { workerData, transferList: [port2], resourceLimits }));
    return eventPort(port1 as unknown as Parameters<typeof eventPort>[0]);
  },
};

const threads: Worker[] = [];
function track(worker: Worker): Worker {
  worker.on("error", () => {});
  threads.push(worker);
  return worker;
}
afterEach(async () => {
  await Promise.all(threads.splice(0).map((worker) => worker.terminate()));
});

const model = (): SessionModel =>
  ({ bytes: Uint8Array.of(1), shared: new Map() }) as unknown as SessionModel;
const x = (value: number): Feeds =>
  feedsOf({ x: { dtype: "float32", dims: [1], data: Float32Array.of(value) } });
const failureOf = (promise: Promise<unknown>): Promise<WorkerError> =>
  promise.then(
    () => expect.fail("it succeeded"),
    (error: WorkerError) => error,
  );

describe.each(Object.entries(transports))("over %s", (name, start) => {
  /** A pool of one worker at a time, which fail one after the other as they are told. */
  function poolOf(...plans: Plan[]): WorkerPool {
    return new WorkerPool({
      start: () => start(plans.shift() ?? {}),
      cores: 1,
      errors: NODE_ERRORS,
      onWarning: (message) => expect.fail(message),
    });
  }

  it.each(["ends the thread", "throws outside of a call", "uses all memory"])(
    "a worker that %s while it loads a model fails that, and the next one loads it",
    async (onCreate) => {
      const pool = poolOf({ onCreate });
      const error = await failureOf(pool.createSession(model()));
      expect(error).toBeInstanceOf(WorkerError);
      expect(error.code).toBe("worker/died");
      const session = await pool.createSession(model());
      expect((await session.run(x(4))).get("y")!.data[0]).toBe(8);
      await pool.close();
    },
  );

  it.each(["ends the thread", "throws outside of a call", "uses all memory"])(
    "a worker that %s in a run fails all its runs, and the session is loaded again",
    async (onRun) => {
      const pool = poolOf({ onRun, goodRuns: 1 });
      const session = await pool.createSession(model());
      expect((await session.run(x(4))).get("y")!.data[0]).toBe(8);
      const errors = await Promise.all([1, 2].map((value) => failureOf(session.run(x(value)))));
      for (const error of errors) expect(error.code).toBe("worker/died");
      expect((await session.run(x(5))).get("y")!.data[0]).toBe(10);
      await session.release();
      await pool.close();
    },
  );

  it("an answer that cannot be sent fails its run alone", async () => {
    const pool = poolOf({ onRun: "answers with what cannot be sent", goodRuns: 1 });
    const session = await pool.createSession(model());
    const [good, error] = await Promise.all([session.run(x(1)), failureOf(session.run(x(2)))]);
    expect(good.get("y")!.data[0]).toBe(2);
    expect(error.code).toBe("worker/message");
    expect(threads).toHaveLength(1);
    await session.release();
    await pool.close();
  });

  it.each(["ends the thread", "throws outside of a call", "uses all memory"])(
    "a worker that %s in an update ends the training with an error",
    async (onRun) => {
      const platform = createNodeHost({ threads: 1 });
      const plan = { kind: "training", onRun, goodRuns: 2 } as const;
      const openStepEngine = trainingWorkers(() => start(plan), NODE_ERRORS);
      const train = {
        inputs: { input: tensorOf("float32", [4, 2], [1, 2, 3, 4, 5, 6, 7, 8]) },
        targets: tensorOf("int64", [4], [0, 1, 0, 1]),
      };
      const config = fitConfigSchema.parse({ epochs: 5, batchSize: 2 });
      const steps: number[] = [];
      const onEvent = (event: { type: string; step: number }) => {
        if (event.type === "step") steps.push(event.step);
      };
      const network = Model.sequential([2], [layers.dense(2)]);
      const parts = { ...platform, openStepEngine };
      const error = await failureOf(fitModel(network, { train }, config, parts, { onEvent }));
      expect(error).toBeInstanceOf(WorkerError);
      expect(error.code).toBe("worker/died");
      expect(steps).toEqual([1, 2]);
      await platform.close();
    },
  );

  it("says with which exit code a thread has ended, where the port tells", async () => {
    const error = await failureOf(poolOf({ onCreate: "ends the thread" }).createSession(model()));
    const isThread = name.includes("worker_threads");
    expect(error.exitCode).toBe(isThread ? 3 : undefined);
    expect(error.message).toMatch(isThread ? /exit code 3/ : /connection was closed/);
  });
});

it("a thread whose module cannot be loaded fails what it is asked for", async () => {
  const pool = new WorkerPool({
    start: () => startWorker(new URL("../fixtures/no-such-worker.mjs", import.meta.url)),
    cores: 1,
    errors: NODE_ERRORS,
    onWarning: (message) => expect.fail(message),
  });
  const error = await failureOf(pool.createSession(model()));
  expect(error.code).toBe("worker/died");
  expect(error.message).toMatch(/no-such-worker/);
  await pool.close();
});
