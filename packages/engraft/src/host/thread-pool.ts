import { availableParallelism } from "node:os";
import type {
  Feeds,
  ImageChanges,
  ImagePreprocessing,
  PreparedImage,
  Runtime,
  Session,
  SessionModel,
  SessionOptions,
} from "@engraft/core";
import type { Tensor } from "@engraft/onnx";
import { ComputeThread } from "./compute-thread.js";
import type { Results, ThreadNeeds } from "./protocol.js";

/** More threads than this cost more memory (each holds the model) than they bring speed. */
const MAX_THREADS = 4;

/**
 * A pool of compute threads as one {@link Runtime}. ONNX Runtime blocks the thread that it runs on,
 * so models run here and the main thread stays free. Threads start when there is work for them: a
 * single prediction starts one.
 */
export class ThreadPool implements Runtime {
  readonly concurrency: number;
  /** Threads that ONNX Runtime uses inside each compute thread. */
  private readonly threadsPerSession: number;
  private threads: ComputeThread[] = [];
  private closed = false;
  private nextSession = 0;

  constructor(cores: number = availableParallelism()) {
    this.concurrency = Math.max(1, Math.min(MAX_THREADS, cores));
    this.threadsPerSession = Math.max(1, Math.floor(cores / this.concurrency));
  }

  async createSession(model: SessionModel, options: SessionOptions = {}): Promise<Session> {
    const session = new PooledSession(
      this.nextSession++,
      model,
      { threads: this.threadsPerSession, ...options },
      () => this.pick(),
    );
    await session.open();
    return session;
  }

  /** Starts a thread that will soon be needed. */
  warmUp(needs: ThreadNeeds): void {
    this.pick(needs);
  }

  /**
   * Decodes and preprocesses one image on the least busy thread.
   *
   * @param aside - Leaves one thread free for everything else, where there are several: a large
   *   image keeps a thread for a second. Default false.
   */
  async prepareImage(
    file: Uint8Array,
    spec: ImagePreprocessing,
    changes?: ImageChanges,
    aside = false,
  ): Promise<PreparedImage> {
    const threads = aside ? Math.max(1, this.concurrency - 1) : this.concurrency;
    const thread = this.pick({ decoder: true }, threads);
    return thread.ask<"image">({ kind: "image", file, spec, changes });
  }

  /** Stops all threads once they have answered; the pool and its sessions cannot be used afterwards. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.threads.splice(0).map((thread) => thread.stop()));
  }

  /** The least busy of the first `count` living threads; a new one while all are busy. */
  private pick(
    needs: ThreadNeeds = { decoder: false },
    count: number = this.concurrency,
  ): ComputeThread {
    if (this.closed) throw new Error("internal: the compute threads were stopped");
    this.threads = this.threads.filter((thread) => !thread.ended);
    let best: ComputeThread | undefined;
    for (const thread of this.threads.slice(0, count)) {
      if (best === undefined || thread.load < best.load) best = thread;
    }
    if (best !== undefined && (best.load === 0 || this.threads.length >= count)) {
      return best;
    }
    const thread = new ComputeThread(needs);
    this.threads.push(thread);
    return thread;
  }
}

/**
 * A session that exists on every thread that has had work for it. The bytes of the model are in memory
 * once: they move to a thread that loads them, and back. Copies would stay in every thread, since
 * one that runs models makes too little garbage for its collector to come by.
 */
class PooledSession implements Session {
  inputNames: readonly string[] = [];
  outputNames: readonly string[] = [];
  private readonly id: number;
  private readonly options: SessionOptions;
  private readonly pick: () => ComputeThread;
  /** Resolves when no thread has the bytes. */
  private model: Promise<SessionModel>;
  private readonly loads = new Map<ComputeThread, Promise<Results["create"]>>();
  private readonly loaded = new Set<ComputeThread>();

  constructor(id: number, model: SessionModel, options: SessionOptions, pick: () => ComputeThread) {
    this.id = id;
    this.model = Promise.resolve(model);
    this.options = options;
    this.pick = pick;
  }

  /** Loads the model on one thread, which also shows whether it can be loaded at all. */
  async open(): Promise<void> {
    const { inputNames, outputNames } = await this.loadOn(this.pick());
    this.inputNames = inputNames;
    this.outputNames = outputNames;
  }

  async run(feeds: Feeds): Promise<Map<string, Tensor>> {
    const thread = this.pick();
    if (!this.loaded.has(thread)) await this.loadOn(thread);
    return thread.ask<"run">({ kind: "run", session: this.id, feeds }, buffersOf(feeds));
  }

  async release(): Promise<void> {
    const threads = [...this.loaded].filter((thread) => !thread.ended);
    this.loaded.clear();
    this.loads.clear();
    await Promise.all(
      threads.map((thread) => thread.ask<"release">({ kind: "release", session: this.id })),
    );
  }

  private loadOn(thread: ComputeThread): Promise<Results["create"]> {
    const load = this.loads.get(thread) ?? this.startLoad(thread);
    this.loads.set(thread, load);
    return load;
  }

  private startLoad(thread: ComputeThread): Promise<Results["create"]> {
    const { id: session, options } = this;
    const load = this.model.then((model) =>
      thread.ask<"create">({ kind: "create", session, model, options }, [model.buffer]),
    );
    this.model = load.then(({ model }) => {
      this.loaded.add(thread);
      return model;
    });
    // Whoever waits for the load hears of its failure.
    this.model.catch(() => {});
    return load;
  }
}

function buffersOf(feeds: Feeds): ArrayBuffer[] {
  const buffers = Array.from(feeds.values(), ({ data }) =>
    Array.isArray(data) ? undefined : data.buffer,
  );
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}
