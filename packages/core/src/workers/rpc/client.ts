import { WorkerError } from "../../errors.js";
import { asReply, type Reply, type Request } from "./messages.js";
import type { Port } from "./port.js";
import type { EventOf, MethodRules, Protocol, Signatures } from "./protocol.js";
import { decodeError, type ErrorClasses } from "./sent-error.js";
import { buffersOf } from "./transfer.js";

/** What the caller knows of a method, without its types. */
interface Method {
  /** The buffers of the parameters that move. */
  readonly moved: (params: unknown) => ArrayBuffer[];
  readonly isResult: (value: unknown) => boolean;
  readonly isEvent: (value: unknown) => boolean;
}

function methodOf<P, R, E>({ moveParams, isResult, isEvent }: MethodRules<P, R, E>): Method {
  return {
    moved: (params) => buffersOf(moveParams?.(params as P) ?? []),
    isResult,
    isEvent: isEvent ?? (() => false),
  };
}

interface Waiting {
  readonly method: string;
  readonly settle: (result: unknown) => void;
  readonly fail: (error: unknown) => void;
  readonly tell: (event: unknown) => void;
}

/** Options of a call. */
export interface CallOptions<Event = never> {
  /** When it is aborted, the call fails at once with its reason, and the other side is told. */
  readonly signal?: AbortSignal | undefined;
  /** Told what the other side says before it has the result. What it throws fails the call. */
  readonly onEvent?: ((event: Event) => void) | undefined;
}

/**
 * The calling side of a connection. Every call settles: with its result, with the error that the other
 * side has thrown, or with a {@link WorkerError} when the other side is gone or does not keep to the
 * protocol.
 */
export class RpcClient<M extends Signatures<M>> {
  readonly #port: Port;
  readonly #methods = new Map<string, Method>();
  readonly #errors: ErrorClasses;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #failure: WorkerError | undefined;
  #onIdle: (() => void)[] = [];

  constructor(port: Port, protocol: Protocol<M>, errors: ErrorClasses) {
    this.#port = port;
    for (const name in protocol) this.#methods.set(name, methodOf(protocol[name]));
    this.#errors = errors;
    port.listen({
      message: (message) => this.#receive(message),
      ended: (error) => this.#fail(error),
    });
  }

  /** Calls that the other side has not answered. Those of which nobody awaits the answer count, too. */
  get load(): number {
    return this.#waiting.size;
  }

  /** Why no further call is answered; undefined while the connection is in use. */
  get failure(): WorkerError | undefined {
    return this.#failure;
  }

  /** Calls a method of the other side. */
  call<K extends keyof M & string>(
    method: K,
    params: M[K]["params"],
    { signal, onEvent }: CallOptions<EventOf<M[K]>> = {},
  ): Promise<M[K]["result"]> {
    return new Promise<M[K]["result"]>((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#failure !== undefined) throw this.#failure;
      const id = this.#nextId++;
      let isWatched = onEvent !== undefined;
      const stop = (reason: unknown): void => {
        isWatched = false;
        reject(reason);
        if (this.#waiting.has(id)) this.#post({ kind: "cancel", id }, []);
      };
      const cancel = (): void => stop(signal?.reason);
      const done = (): void => signal?.removeEventListener("abort", cancel);
      const moved = this.#methods.get(method)!.moved(params);
      this.#post({ kind: "call", id, method, params }, moved);
      signal?.addEventListener("abort", cancel);
      if (this.#waiting.size === 0) this.#port.setBusy?.(true);
      this.#waiting.set(id, {
        method,
        settle: (result) => {
          done();
          resolve(result);
        },
        fail: (error) => {
          done();
          reject(error);
        },
        tell: (event) => {
          if (!isWatched) return;
          try {
            onEvent?.(event as EventOf<M[K]>);
          } catch (error) {
            stop(error);
          }
        },
      });
    });
  }

  /** Ends the connection once all calls are answered. Later calls fail. */
  async close(): Promise<void> {
    this.#failure ??= new WorkerError("worker/closed", "The worker was closed.");
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    await this.#port.close();
  }

  #post(request: Request, transfer: readonly ArrayBuffer[]): void {
    try {
      this.#port.post(request, transfer);
    } catch (cause) {
      const what = request.kind === "call" ? `The parameters of "${request.method}"` : "A message";
      throw new WorkerError("worker/message", `${what} cannot be sent to a worker.`, { cause });
    }
  }

  #receive(message: unknown): void {
    const reply = asReply(message);
    if (reply?.kind === "fault") {
      const cause = decodeError(reply.error, this.#errors);
      this.#fail(new WorkerError("worker/message", cause.message, { cause }));
    } else if (reply === undefined || !this.#waiting.has(reply.id)) {
      const what = "A worker has sent a message that is not an answer to a call.";
      this.#fail(new WorkerError("worker/message", what));
    } else {
      this.#settle(reply, this.#waiting.get(reply.id)!);
    }
  }

  #settle(reply: Exclude<Reply, { kind: "fault" }>, waiting: Waiting): void {
    const { isResult, isEvent } = this.#methods.get(waiting.method)!;
    if (reply.kind === "event" && isEvent(reply.event)) {
      waiting.tell(reply.event);
      return;
    }
    if (reply.kind === "error") {
      waiting.fail(decodeError(reply.error, this.#errors));
    } else if (reply.kind === "result" && isResult(reply.result)) {
      waiting.settle(reply.result);
    } else {
      const what = `A worker has answered "${waiting.method}" with something else.`;
      waiting.fail(new WorkerError("worker/message", what));
    }
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#idle();
  }

  /**
   * All calls fail, and later ones too. A worker that does not keep to the protocol is not stopped: in
   * the middle of a run that would take the process down.
   */
  #fail(error: WorkerError): void {
    this.#failure ??= error;
    for (const { fail } of this.#waiting.values()) fail(error);
    this.#waiting.clear();
    this.#idle();
  }

  #idle(): void {
    this.#port.setBusy?.(false);
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
