import { MessageChannel, type MessagePort } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { errorClasses } from "../../error-classes.js";
import { DataError, RuntimeError } from "../../errors.js";
import type { ImagePreprocessing } from "../../preprocess/spec.js";
import { type Feeds, feedsOf } from "../../runtime/feeds.js";
import type { Runtime } from "../../runtime/runtime.js";
import type { SessionModel } from "../../runtime/session-model.js";
import { eventPort } from "../rpc/event-port.js";
import type { Port } from "../rpc/port.js";
import { serveCompute } from "./serve-compute.js";
import { WorkerPool } from "./worker-pool.js";

/** Workers on this thread whose models multiply by their first byte. */
class FakeWorkers {
  readonly pool: WorkerPool;
  readonly warnings: string[] = [];
  readonly ports: MessagePort[] = [];
  /** Called before a runtime is ready. */
  onInitialize: () => Promise<void> = async () => {};
  /** What each worker was asked for, `create`, `run` and `release` of which worker. */
  readonly log: string[] = [];
  /** Called before a model is loaded, with the number of the worker. */
  onCreate: (worker: number) => Promise<void> = async () => {};
  onRun: (worker: number) => Promise<void> = async () => {};
  /** The threads that each session was given, and on which worker. */
  readonly threads: [string, number | undefined][] = [];

  constructor(cores: number) {
    this.pool = new WorkerPool({
      start: () => this.#start(),
      cores,
      errors: errorClasses,
      onWarning: (message) => this.warnings.push(message),
    });
  }

  /** The worker is gone, as when its thread crashes. */
  kill(worker: number): void {
    this.ports[worker]!.close();
  }

  async close(): Promise<void> {
    await this.pool.close();
    for (const port of this.ports) port.close();
  }

  #start(): Port {
    const { port1, port2 } = new MessageChannel();
    const worker = this.ports.push(port2) - 1;
    const runtime = Promise.resolve(this.#runtime(worker));
    const loadDecoder = async () => async (file: Uint8Array) => {
      if (file.length === 0) throw new DataError("data/unreadable", "the image is empty");
      return { width: 1, height: 1, data: Uint8Array.of(255, 0, 0) };
    };
    serveCompute(eventPort(port2), {
      runtime,
      loadDecoder,
      sha256: async ({ length }) => `of ${length} bytes`,
      errors: errorClasses,
    });
    return eventPort(port1);
  }

  #runtime(worker: number): Runtime {
    return {
      concurrency: 1,
      initialize: async () => {
        this.log.push(`initialize on ${worker}`);
        await this.onInitialize();
      },
      createSession: async (model, options) => {
        this.log.push(`create on ${worker}`);
        this.threads.push([`worker ${worker}`, options?.threads]);
        const factor = model.bytes[0]!;
        await this.onCreate(worker);
        return {
          inputNames: ["x"],
          outputNames: ["y"],
          run: async (feeds) => {
            this.log.push(`run on ${worker}`);
            await this.onRun(worker);
            const { data, dims } = feeds.get("x")!;
            const product = (data as Float32Array).map((value) => factor * value);
            return new Map(feedsOf({ y: { dtype: "float32", dims, data: product } }));
          },
          release: async () => void this.log.push(`release on ${worker}`),
        };
      },
    };
  }
}

const opened: FakeWorkers[] = [];
function workers(cores = 1): FakeWorkers {
  const fake = new FakeWorkers(cores);
  opened.push(fake);
  return fake;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((fake) => fake.close()));
});

/** A model that multiplies by three. Its bytes move when it is loaded. */
const model = (): SessionModel =>
  ({ bytes: Uint8Array.of(3, 1, 4), shared: new Map() }) as unknown as SessionModel;
const x = (...values: number[]): Feeds =>
  feedsOf({ x: { dtype: "float32", dims: [values.length], data: Float32Array.from(values) } });
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail("it succeeded"),
    (error: unknown) => error,
  );
const never = () => new Promise<never>(() => {});

it("a session for low latency has all cores on the first worker, and on others its share", async () => {
  const fake = workers(2);
  const session = await fake.pool.createSession(model(), { lowLatency: true });
  await Promise.all([session.run(x(1)), session.run(x(1))]);
  const shared = await fake.pool.createSession(model());
  await shared.run(x(1));
  expect(fake.threads).toEqual([
    ["worker 0", 2],
    ["worker 1", 1],
    ["worker 0", 1],
  ]);
});

it("a pool computes digests on a worker", async () => {
  const { pool } = workers();
  const data = new Uint8Array(new SharedArrayBuffer(3));
  await expect(pool.sha256(data)).resolves.toBe("of 3 bytes");
});

describe("a session", () => {
  it("is loaded on the workers that have work for it, from bytes that move", async () => {
    const fake = workers(2);
    const given = model();
    const session = await fake.pool.createSession(given);
    expect(given.bytes).toHaveLength(0);
    expect([session.inputNames, session.outputNames]).toEqual([["x"], ["y"]]);
    const results = await Promise.all([session.run(x(1)), session.run(x(2)), session.run(x(5))]);
    expect(results.map((outputs) => outputs.get("y")!.data[0])).toEqual([3, 6, 15]);
    expect(fake.log.filter((line) => line.startsWith("create"))).toEqual([
      "create on 0",
      "create on 1",
    ]);
    await session.release();
    expect(fake.log.filter((line) => line.startsWith("release")).sort()).toEqual([
      "release on 0",
      "release on 1",
    ]);
    await expect(session.run(x(1))).rejects.toThrow("released");
  });

  it("is sent to its worker at once, before this thread goes on", async () => {
    const given = model();
    const opening = workers().pool.createSession(given);
    expect(given.bytes).toHaveLength(0);
    await opening;
  });

  it("fails to open when its worker dies while it loads; the next one opens", async () => {
    const fake = workers();
    fake.onCreate = never;
    const opening = failureOf(fake.pool.createSession(model()));
    await expect.poll(() => fake.log).toHaveLength(1);
    fake.kill(0);
    expect(await opening).toMatchObject({ code: "worker/died" });
    fake.onCreate = async () => {};
    const session = await fake.pool.createSession(model());
    expect((await session.run(x(2))).get("y")!.data[0]).toBe(6);
    expect(fake.ports).toHaveLength(2);
  });

  it("fails the runs of a worker that dies, and is loaded again on the next one", async () => {
    const fake = workers();
    const session = await fake.pool.createSession(model());
    fake.onRun = never;
    const runs = [failureOf(session.run(x(1))), failureOf(session.run(x(2)))];
    await expect.poll(() => fake.log).toContain("run on 0");
    fake.kill(0);
    for (const run of runs) expect(await run).toMatchObject({ code: "worker/died" });
    fake.onRun = async () => {};
    expect((await session.run(x(4))).get("y")!.data[0]).toBe(12);
    expect(fake.log.at(-1)).toBe("run on 1");
    await session.release();
  });

  it("goes on where it is loaded when another worker dies with its bytes, and says so", async () => {
    const fake = workers(2);
    const session = await fake.pool.createSession(model());
    fake.onCreate = never;
    const runs = Promise.all([session.run(x(1)), session.run(x(2))]);
    await expect.poll(() => fake.log).toContain("create on 1");
    fake.kill(1);
    expect((await runs).map((outputs) => outputs.get("y")!.data[0])).toEqual([3, 6]);
    expect(fake.warnings).toHaveLength(1);
    expect(fake.warnings[0]).toMatch(/fewer workers: A worker thread died/);
    // Nothing is left of the bytes when the last worker that has them loaded dies, too.
    fake.kill(0);
    await expect.poll(() => failureOf(session.run(x(1)))).toMatchObject({ code: "worker/died" });
    await expect(session.run(x(1))).rejects.toThrow(/Load the model again/);
    await session.release();
  });

  it("goes on where it is loaded when there is no memory for it in another worker", async () => {
    const fake = workers(2);
    const session = await fake.pool.createSession(model());
    fake.onCreate = async () => {
      throw new RuntimeError("runtime/memory", "Failed to allocate memory");
    };
    const results = await Promise.all([session.run(x(1)), session.run(x(2)), session.run(x(3))]);
    expect(results.map((outputs) => outputs.get("y")!.data[0])).toEqual([3, 6, 9]);
    expect(new Set(fake.log.filter((line) => line.startsWith("run")))).toEqual(
      new Set(["run on 0"]),
    );
    expect(fake.warnings).toHaveLength(1);
  });

  it("that is released while it loads on another worker is freed there, too", async () => {
    const fake = workers(2);
    const session = await fake.pool.createSession(model());
    let load = (): void => {};
    fake.onCreate = () => new Promise((resolve) => (load = resolve));
    const runs = Promise.all([session.run(x(1)), session.run(x(2))]);
    await expect.poll(() => fake.log).toContain("create on 1");
    const released = session.release();
    load();
    await Promise.all([runs, released]);
    expect(fake.log.filter((line) => line.startsWith("release"))).toHaveLength(2);
  });

  it("has its own error when ONNX Runtime does not take the model", async () => {
    const fake = workers();
    fake.onCreate = async () => {
      throw new RuntimeError("runtime/load", "no such operator");
    };
    const error = await failureOf(fake.pool.createSession(model()));
    expect(error).toBeInstanceOf(RuntimeError);
    expect(error).toMatchObject({ code: "runtime/load", detail: "no such operator" });
  });
});

describe("a pool", () => {
  const spec: ImagePreprocessing = {
    kind: "image",
    resize: { mode: "exact", size: 1, filter: "bilinear" },
    mean: [0, 0, 0],
    std: [1, 1, 1],
    layout: "nchw",
  };

  it("prepares images in its workers", async () => {
    const fake = workers();
    const { pixels, colorHistogram } = await fake.pool.prepareImage(Uint8Array.of(1), spec);
    expect([...pixels]).toEqual([255, 0, 0]);
    expect(colorHistogram[48]).toBe(1);
    const error = await failureOf(fake.pool.prepareImage(new Uint8Array(), spec));
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code: "data/unreadable" });
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(fake.pool.prepareImage(Uint8Array.of(1), spec, { signal })).rejects.toThrow(
      "enough",
    );
  });

  it("starts workers when there is work for them, and leaves one free of large images", async () => {
    const fake = workers(3);
    expect(fake.pool.concurrency).toBe(3);
    expect(fake.ports).toHaveLength(0);
    const large = { isLarge: true };
    const file = Uint8Array.of(1);
    const images = Array.from({ length: 5 }, () => fake.pool.prepareImage(file, spec, large));
    expect(fake.ports).toHaveLength(2);
    images.push(fake.pool.prepareImage(file, spec));
    expect(fake.ports).toHaveLength(3);
    await Promise.all(images);
  });

  it("gets a worker ready, which is no work that calls avoid, and waits for it before it closes", async () => {
    const fake = workers(2);
    let finish = (): void => {};
    fake.onInitialize = () => new Promise((resolve) => (finish = resolve));
    fake.pool.warmUp({ images: false });
    fake.pool.warmUp({ images: false });
    await fake.pool.createSession(model());
    expect(fake.log).toEqual(["initialize on 0", "create on 0"]);
    let isClosed = false;
    const closed = fake.pool.close().then(() => (isClosed = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isClosed).toBe(false);
    finish();
    await closed;
  });

  it("says nothing of a worker that cannot get ready: what needs it does", async () => {
    const fake = workers();
    fake.onInitialize = () => Promise.reject(new RuntimeError("runtime/load", "no library"));
    fake.pool.warmUp({ images: false });
    await fake.pool.createSession(model());
    expect(fake.warnings).toEqual([]);
  });

  it("answers what is under way before it closes, and nothing after", async () => {
    const fake = workers();
    const session = await fake.pool.createSession(model());
    const running = session.run(x(1));
    await fake.pool.close();
    expect((await running).get("y")!.data[0]).toBe(3);
    await session.release();
    expect(await failureOf(fake.pool.createSession(model()))).toMatchObject({
      code: "worker/closed",
    });
    expect(await failureOf(fake.pool.prepareImage(Uint8Array.of(1), spec))).toMatchObject({
      code: "worker/closed",
    });
  });
});
