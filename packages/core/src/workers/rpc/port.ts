import type { WorkerError } from "../../errors.js";

/**
 * One end of a connection between two threads. `worker_threads` and the workers and message ports of
 * the browser differ in names alone: a home wraps what it has, see `eventPort`.
 */
export interface Port {
  /**
   * Sends a message, a structured clone. The buffers in `transfer` move: they are empty here afterwards.
   *
   * @throws DOMException `DataCloneError` when the message cannot be cloned. Nothing has moved then.
   */
  post(message: unknown, transfer: readonly ArrayBuffer[]): void;
  /** Starts to receive. Called once. */
  listen(listener: PortListener): void;
  /** Ends the connection and, where this is the side that has started it, the thread behind it. */
  close(): Promise<void>;
  /**
   * Says whether answers are awaited: the program must then not end. Left out where a connection does
   * not keep a program alive.
   */
  setBusy?(isBusy: boolean): void;
}

/** What a port tells its one listener. */
export interface PortListener {
  message(message: unknown): void;
  /** The other side is gone, or has sent what cannot be read. Nothing more is received. */
  ended(error: WorkerError): void;
}
