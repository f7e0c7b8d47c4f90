import { WorkerError } from "../../errors.js";
import type { Port } from "./port.js";
import { workerDied } from "./worker-died.js";

/**
 * The part of the browser's `Worker`, `MessagePort` and worker scope that is used. The global
 * `MessagePort` of Node, Deno and Bun has it too.
 */
export interface EventPort {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: string, listener: (event: unknown) => void): void;
  /** Of a message port: it receives nothing before. */
  start?(): void;
  /** Of a message port. */
  close?(): void;
  /** Of a worker. */
  terminate?(): void;
}

/** The fields of the events that are listened to. */
interface PortEvent {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly message?: string;
}

/**
 * A port over a worker or message port of the browser. A worker that throws outside of a call has
 * ended: what it holds cannot be trusted. The browser says nothing of a worker that runs out of memory
 * without an error event.
 */
export function eventPort(target: EventPort): Port {
  return {
    post: (message, transfer) => target.postMessage(message, [...transfer]),
    listen(listener) {
      const on = (type: string, act: (event: PortEvent) => void): void =>
        target.addEventListener(type, (event) => act(event as PortEvent));
      on("message", ({ data }) => listener.message(data));
      on("messageerror", () =>
        listener.ended(new WorkerError("worker/message", "A message of a worker cannot be read.")),
      );
      on("error", ({ error, message }) =>
        listener.ended(workerDied(message ?? "it could not be started", { cause: error })),
      );
      on("close", () => listener.ended(workerDied("its connection was closed")));
      target.start?.();
    },
    async close() {
      if (target.terminate === undefined) target.close?.();
      else target.terminate();
    },
  };
}
