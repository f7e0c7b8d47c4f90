import type { Tensor } from "@engraft/onnx";
import { WorkerError } from "../../errors.js";
import type { Feeds } from "../../runtime/feeds.js";
import type { Session, SessionOptions } from "../../runtime/runtime.js";
import type { SessionModel } from "../../runtime/session-model.js";
import type { RpcClient } from "../rpc/client.js";
import type { ComputeMethods, LoadedSession } from "./compute-protocol.js";

/** A worker of a pool. */
export type ComputeWorker = RpcClient<ComputeMethods>;

/** What a session asks of its pool. */
interface SessionPool {
  /** How the model is loaded on a worker. */
  readonly optionsFor: (worker: ComputeWorker) => SessionOptions;
  /** The worker that the next run goes to. */
  readonly pick: () => ComputeWorker;
  readonly onWarning: (message: string) => void;
}

/**
 * A session that exists on every worker that has had work for it. The bytes of the model are in memory
 * once: they move to a worker that loads them, and back. Copies would stay in every worker, since one
 * that runs models makes too little garbage for its collector to come by.
 */
export class PooledSession implements Session {
  inputNames: readonly string[] = [];
  outputNames: readonly string[] = [];
  readonly #id: number;
  readonly #pool: SessionPool;
  /** A promise while a worker has the bytes; undefined when a worker has not given them back. */
  #model: SessionModel | undefined | Promise<SessionModel | undefined>;
  readonly #loads = new Map<ComputeWorker, Promise<LoadedSession>>();
  readonly #loaded = new Set<ComputeWorker>();
  #isReleased = false;

  private constructor(id: number, model: SessionModel, pool: SessionPool) {
    this.#id = id;
    this.#model = model;
    this.#pool = pool;
  }

  /** Loads a model on one worker. The bytes are taken over. */
  static async open(id: number, model: SessionModel, pool: SessionPool): Promise<PooledSession> {
    const session = new PooledSession(id, model, pool);
    const { inputNames, outputNames } = await session.#loadOn(pool.pick());
    session.inputNames = inputNames;
    session.outputNames = outputNames;
    return session;
  }

  async run(feeds: Feeds): Promise<Map<string, Tensor>> {
    if (this.#isReleased) throw new Error("internal: a session was released");
    const picked = this.#pool.pick();
    // Nothing is awaited where the model is loaded: the next run is to find this worker busy.
    const worker = this.#loaded.has(picked) ? picked : await this.#load(picked);
    return worker.call("run", { session: this.#id, feeds });
  }

  /** Waits for what is loading. Workers that have died hold nothing to be freed. */
  async release(): Promise<void> {
    this.#isReleased = true;
    await Promise.allSettled(this.#loads.values());
    const workers = [...this.#loaded].filter(isAlive);
    this.#loads.clear();
    this.#loaded.clear();
    this.#model = undefined;
    const released = workers.map((worker) => worker.call("release", { session: this.#id }));
    const failed = (await Promise.allSettled(released)).find(isFailure);
    if (failed !== undefined && !(failed.reason instanceof WorkerError)) throw failed.reason;
  }

  /** Loads the model on a worker, or names another one that has it where this cannot load it. */
  async #load(worker: ComputeWorker): Promise<ComputeWorker> {
    try {
      await this.#loadOn(worker);
      return worker;
    } catch (error) {
      const other = [...this.#loaded].find(isAlive);
      if (other === undefined) throw error;
      return other;
    }
  }

  #loadOn(worker: ComputeWorker): Promise<LoadedSession> {
    const load = this.#loads.get(worker) ?? this.#startLoad(worker);
    this.#loads.set(worker, load);
    return load;
  }

  #startLoad(worker: ComputeWorker): Promise<LoadedSession> {
    const model = this.#model;
    // Sent at once where it can be: the worker loads while this thread goes on to something else.
    const load =
      model instanceof Promise
        ? model.then((bytes) => this.#create(worker, bytes))
        : this.#create(worker, model);
    this.#model = load.then(
      ({ model: bytes }) => {
        this.#loaded.add(worker);
        return bytes;
      },
      (error: Error) => {
        if ([...this.#loaded].some(isAlive))
          this.#pool.onWarning(`A model runs in fewer workers: ${error.message}`);
        return undefined;
      },
    );
    return load;
  }

  async #create(worker: ComputeWorker, model: SessionModel | undefined): Promise<LoadedSession> {
    if (model === undefined) throw lost();
    return worker.call("create", {
      session: this.#id,
      model,
      options: this.#pool.optionsFor(worker),
    });
  }
}

function isAlive({ failure }: ComputeWorker): boolean {
  return failure === undefined;
}

function isFailure(settled: PromiseSettledResult<unknown>): settled is PromiseRejectedResult {
  return settled.status === "rejected";
}

function lost(): WorkerError {
  return new WorkerError(
    "worker/died",
    "The bytes of a model were lost with a worker that could not load it, and no other worker has it loaded. Load the model again.",
  );
}
