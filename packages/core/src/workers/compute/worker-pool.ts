import { WorkerError } from "../../errors.js";
import type { PreparedImage, PrepareImageOptions } from "../../platform.js";
import type { ImagePreprocessing } from "../../preprocess/spec.js";
import type { Runtime, Session, SessionOptions } from "../../runtime/runtime.js";
import type { SessionModel } from "../../runtime/session-model.js";
import { RpcClient } from "../rpc/client.js";
import type { Port } from "../rpc/port.js";
import type { ErrorClasses } from "../rpc/sent-error.js";
import { COMPUTE, type ComputeMethods, type WorkerNeeds } from "./compute-protocol.js";
import { type ComputeWorker, PooledSession } from "./pooled-session.js";

export interface WorkerPoolOptions {
  /** Starts a worker that calls `serveCompute`. It need not have loaded when this returns. */
  readonly start: () => Port;
  /** Cores that the workers share. */
  readonly cores: number;
  /** Classes that errors of workers keep; the workers have the same. */
  readonly errors: ErrorClasses;
  /** Told when work goes on in fewer workers, and why. */
  readonly onWarning: (message: string) => void;
}

/** More workers than this cost more memory (each holds the model) than they bring speed. */
const MAX_WORKERS = 4;

/**
 * A pool of compute workers as one {@link Runtime}. ONNX Runtime blocks the thread that it runs on, so
 * models run here and the calling thread stays free. Workers start when there is work for them: a
 * single prediction starts one. A worker that dies fails the calls that it had; later calls start
 * another one, on which sessions are loaded again.
 */
export class WorkerPool implements Runtime {
  readonly concurrency: number;
  readonly #options: WorkerPoolOptions;
  /** Threads that ONNX Runtime uses inside each worker. */
  readonly #threadsPerSession: number;
  #workers: ComputeWorker[] = [];
  /** Workers that get ready. It is no work: other calls to them need not wait for another worker. */
  readonly #warming = new Set<ComputeWorker>();
  #isClosed = false;
  #nextSession = 0;

  constructor(options: WorkerPoolOptions) {
    const { cores } = options;
    this.#options = options;
    this.concurrency = Math.max(1, Math.min(MAX_WORKERS, cores));
    this.#threadsPerSession = Math.max(1, Math.floor(cores / this.concurrency));
  }

  /**
   * Loads a model on one worker, which shows whether it can be loaded at all; on others when they have
   * work for it. Its bytes move: they are empty afterwards.
   *
   * @throws RuntimeError when ONNX Runtime does not take the model.
   * @throws WorkerError when the worker dies while it loads.
   */
  async createSession(model: SessionModel, options: SessionOptions = {}): Promise<Session> {
    return PooledSession.open(this.#nextSession++, model, {
      optionsFor: (worker) => ({ threads: this.#threadsFor(worker, options), ...options }),
      pick: () => this.#pick(),
      onWarning: this.#options.onWarning,
    });
  }

  /** Starts a worker that will soon be needed, and has it get ready. */
  warmUp(needs: WorkerNeeds): void {
    const worker = this.#pick();
    if (this.#warming.has(worker)) return;
    this.#warming.add(worker);
    // Whoever needs what failed will hear of it.
    const done = (): void => void this.#warming.delete(worker);
    worker.call("initialize", needs).then(done, done);
  }

  /**
   * Decodes and prepares an image on the least busy worker.
   *
   * @throws DataError `data/unreadable` when the file is not a whole image.
   */
  async prepareImage(
    file: Uint8Array,
    spec: ImagePreprocessing,
    { changes, isLarge = false, signal }: PrepareImageOptions = {},
  ): Promise<PreparedImage> {
    const count = isLarge ? Math.max(1, this.concurrency - 1) : this.concurrency;
    const worker = this.#pick(count);
    return worker.call("prepareImage", { file, spec, changes }, { signal });
  }

  /** The SHA-256, in lower-case hexadecimal, of bytes in memory that threads share. */
  async sha256(data: Uint8Array<SharedArrayBuffer>): Promise<string> {
    return this.#pick().call("hash", { data });
  }

  /** Stops all workers once they have answered; the pool and its sessions cannot be used afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#workers.splice(0).map((worker) => worker.close()));
  }

  /** The least busy of the first `count` living workers; a new one while all are busy. */
  #pick(count: number = this.concurrency): ComputeWorker {
    if (this.#isClosed) throw new WorkerError("worker/closed", "The workers were stopped.");
    this.#workers = this.#workers.filter(({ failure }) => failure === undefined);
    let best: ComputeWorker | undefined;
    for (const worker of this.#workers.slice(0, count)) {
      if (best === undefined || this.#loadOf(worker) < this.#loadOf(best)) best = worker;
    }
    if (best !== undefined && (this.#loadOf(best) === 0 || this.#workers.length >= count))
      return best;
    const { start, errors } = this.#options;
    const worker = new RpcClient<ComputeMethods>(start(), COMPUTE, errors);
    this.#workers.push(worker);
    return worker;
  }

  /** The first worker gets runs that are alone. */
  #threadsFor(worker: ComputeWorker, { lowLatency = false }: SessionOptions): number {
    const { cores } = this.#options;
    return lowLatency && worker === this.#workers[0] ? cores : this.#threadsPerSession;
  }

  #loadOf(worker: ComputeWorker): number {
    return worker.load - (this.#warming.has(worker) ? 1 : 0);
  }
}
