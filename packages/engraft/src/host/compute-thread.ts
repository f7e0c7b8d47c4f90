import { Worker } from "node:worker_threads";
import "./no-telemetry.js";
import type { Envelope, Reply, Request, Results, ThreadNeeds } from "./protocol.js";
import { fromSent } from "./sent-error.js";

interface Waiting {
  readonly resolve: (result: Results[keyof Results]) => void;
  readonly reject: (error: Error) => void;
}

/** One compute thread and the requests that it has not answered yet. */
export class ComputeThread {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 0;
  private failure: Error | undefined;
  private onIdle: (() => void) | undefined;

  constructor(needs: ThreadNeeds) {
    this.worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: needs });
    // An idle thread must not keep the process alive; a busy one does, through ref() below.
    this.worker.unref();
    this.worker.on("message", (reply: Reply) => this.settle(reply));
    this.worker.on("error", (error) => this.fail(error));
    this.worker.on("exit", () => this.fail(new Error("internal: a compute thread stopped")));
  }

  /** Requests under way. */
  get load(): number {
    return this.waiting.size;
  }

  /** Whether the thread has ended, on request or by a crash: it answers nothing any more. */
  get ended(): boolean {
    return this.failure !== undefined;
  }

  /** Sends a request; the buffers in `transfer` move to the thread. */
  ask<K extends Request["kind"]>(
    request: Extract<Request, { kind: K }>,
    transfer: ArrayBuffer[] = [],
  ): Promise<Results[K]> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const id = this.nextId++;
    return new Promise<Results[K]>((resolve, reject) => {
      if (this.waiting.size === 0) this.worker.ref();
      this.waiting.set(id, { resolve: (result) => resolve(result as Results[K]), reject });
      this.worker.postMessage({ id, request } satisfies Envelope, transfer);
    });
  }

  /**
   * Ends the thread after it has answered what is under way: stopped in the middle of a run, ONNX
   * Runtime takes the whole process down.
   */
  async stop(): Promise<void> {
    this.failure ??= new Error("internal: a compute thread was stopped");
    if (this.waiting.size > 0) {
      await new Promise<void>((resolve) => {
        this.onIdle = resolve;
      });
    }
    await this.worker.terminate();
  }

  private settle(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (this.waiting.size === 0) {
      this.worker.unref();
      this.onIdle?.();
    }
    if ("error" in reply) waiting?.reject(fromSent(reply.error));
    else waiting?.resolve(reply.result);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    this.onIdle?.();
  }
}
