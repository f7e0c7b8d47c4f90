import { WorkerError } from "../../errors.js";
import { asRequest, type Reply, type Request } from "./messages.js";
import type { Port } from "./port.js";
import type { Call, Handlers, MethodRules, Protocol, Signatures } from "./protocol.js";
import { type ErrorClasses, encodeError } from "./sent-error.js";
import { buffersOf } from "./transfer.js";

interface Method {
  /** Undefined where the parameters are not what the method takes. */
  answer(params: unknown, call: Call<unknown>): Promise<Answer | undefined>;
}

interface Answer {
  readonly result: unknown;
  readonly moved: readonly ArrayBuffer[];
}

/**
 * Answers the calls that arrive at a port, several at a time, in the order in which their handlers
 * finish. Handlers are started in the order of the calls.
 */
export function serve<M extends Signatures<M>>(
  port: Port,
  protocol: Protocol<M>,
  handlers: Handlers<M>,
  errors: ErrorClasses,
): void {
  const methods = new Map<string, Method>();
  for (const name in protocol) methods.set(name, methodOf(protocol[name], handlers[name]));
  const server = new RpcServer(port, methods, errors);
  port.listen({
    message: (message) => server.receive(message),
    ended: () => server.abortAll(),
  });
}

/** A method without its types: its parameters are checked before they are given to it. */
function methodOf<P, R, E>(
  rules: MethodRules<P, R, E>,
  handle: (params: P, call: Call<E>) => Promise<R>,
): Method {
  return {
    async answer(params, call) {
      if (!rules.isParams(params)) return undefined;
      const result = await handle(params, call);
      return { result, moved: buffersOf(rules.moveResult?.(result) ?? []) };
    },
  };
}

class RunningCall implements Call<unknown> {
  readonly notify: (event: unknown) => void;
  #controller: AbortController | undefined;

  constructor(notify: (event: unknown) => void) {
    this.notify = notify;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller ??= new AbortController();
    this.#controller.abort();
  }
}

class RpcServer {
  readonly #port: Port;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #errors: ErrorClasses;
  readonly #running = new Map<number, RunningCall>();

  constructor(port: Port, methods: ReadonlyMap<string, Method>, errors: ErrorClasses) {
    this.#port = port;
    this.#methods = methods;
    this.#errors = errors;
  }

  receive(message: unknown): void {
    const request = asRequest(message);
    if (request === undefined) {
      const error = new WorkerError("worker/message", "A worker has received no call of its own.");
      this.#send({ kind: "fault", error: encodeError(error, this.#errors) }, []);
    } else if (request.kind === "cancel") {
      this.#running.get(request.id)?.abort();
    } else {
      void this.#answer(request);
    }
  }

  /** Nobody awaits an answer any more. */
  abortAll(): void {
    for (const call of this.#running.values()) call.abort();
  }

  async #answer({ id, method, params }: Extract<Request, { kind: "call" }>): Promise<void> {
    const call = new RunningCall((event) => {
      // Nobody listens after the result.
      if (this.#running.has(id)) this.#send({ kind: "event", id, event }, []);
    });
    this.#running.set(id, call);
    try {
      const answer = await this.#methods.get(method)?.answer(params, call);
      if (answer === undefined) throw refused(method);
      this.#send({ kind: "result", id, result: answer.result }, answer.moved);
    } catch (error) {
      this.#send({ kind: "error", id, error: encodeError(error, this.#errors) }, []);
    } finally {
      this.#running.delete(id);
    }
  }

  #send(reply: Reply, transfer: readonly ArrayBuffer[]): void {
    try {
      this.#port.post(reply, transfer);
    } catch (cause) {
      throw new WorkerError("worker/message", "The answer of a worker cannot be sent.", { cause });
    }
  }
}

function refused(method: string): WorkerError {
  const what = "which it does not know, or with parameters that are none of this method";
  return new WorkerError("worker/message", `A worker was asked for "${method}", ${what}.`);
}
