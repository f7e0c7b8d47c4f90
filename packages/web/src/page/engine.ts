import type { OnProgress, OnTrainingEvent } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import { type Port, RpcClient } from "@engraft/core/workers/rpc";
import type { WebHostOptions } from "../host/web-host.js";
import { WEB_ERRORS } from "../protocol/errors.js";
import type { EngineEvent } from "../protocol/facts.js";
import type { SentOptions } from "../protocol/method.js";
import { ENGINE, type EngineMethods } from "../protocol/methods.js";
import { warn } from "../warn.js";
import { closeAll } from "./inputs.js";

/** What watches and stops the work of a call, among the options of the product. */
export interface Watch {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
  readonly onTrainingEvent?: OnTrainingEvent | undefined;
  readonly onBase?: ((base: string) => void) | undefined;
}

/** The port to a worker of the engine. */
export interface EnginePort extends Port {
  /** Looks from now on whether the worker is still there. Left out where that cannot be told. */
  watch?(): void;
}

/** Starts a worker that calls `serveEngine`. */
export type StartEngine = () => EnginePort;

/** The worker of an instance: started when it is first needed, and anew after one has died. */
export class EngineClient {
  readonly #start: StartEngine;
  readonly #options: WebHostOptions;
  #connection: EngineConnection | undefined;
  #isClosed = false;

  constructor(start: StartEngine, options: WebHostOptions) {
    this.#start = start;
    this.#options = options;
  }

  /** The worker of now. What is in it is lost with it: whoever holds that holds the connection. */
  connect(): EngineConnection {
    if (this.#isClosed) {
      throw new UsageError("This instance of Engraft was closed. Make another one.");
    }
    if (this.#connection === undefined || this.#connection.isLost) {
      // What is left of a worker that does not answer is ended.
      void this.#connection?.close();
      this.#connection = new EngineConnection(this.#start(), this.#options);
    }
    return this.#connection;
  }

  /** Ends the worker after what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#connection?.close();
  }
}

/** The connection to one worker. */
export class EngineConnection {
  readonly #client: RpcClient<EngineMethods>;
  readonly #onWarning: (message: string) => void;

  constructor(port: EnginePort, { onWarning = warn, ...options }: WebHostOptions) {
    this.#onWarning = onWarning;
    this.#client = new RpcClient<EngineMethods>(port, ENGINE, WEB_ERRORS);
    const opened = this.#client.call("open", { baseUrl: document.baseURI, ...options });
    // Calls are answered in their order; what fails here fails in them, too.
    opened.then(
      () => port.watch?.(),
      () => {},
    );
  }

  /** Whether the worker has died. */
  get isLost(): boolean {
    return this.#client.failure !== undefined;
  }

  /** Asks the worker. */
  call<K extends keyof EngineMethods>(
    method: K,
    params: EngineMethods[K]["params"],
    watch: Watch = {},
  ): Promise<EngineMethods[K]["result"]> {
    const onEvent = (event: EngineEvent): void => this.#tell(event, watch);
    return this.#client.call(method, params, { signal: watch.signal, onEvent });
  }

  /**
   * Asks the worker with inputs of the page.
   *
   * @param prepare - Makes the parameters. The bitmaps that it makes are closed once they were sent.
   */
  async callWith<K extends keyof EngineMethods>(
    method: K,
    prepare: (made: ImageBitmap[]) => Promise<EngineMethods[K]["params"]>,
    watch: Watch = {},
  ): Promise<EngineMethods[K]["result"]> {
    const made: ImageBitmap[] = [];
    let answer: Promise<EngineMethods[K]["result"]>;
    try {
      answer = this.call(method, await prepare(made), watch);
    } finally {
      closeAll(made);
    }
    return answer;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #tell(event: EngineEvent, watch: Watch): void {
    if (event.kind === "progress") watch.onProgress?.(event.progress);
    else if (event.kind === "training") watch.onTrainingEvent?.(event.event);
    else if (event.kind === "base") watch.onBase?.(event.base);
    else if (event.kind === "warning") watch.onWarning?.(event.message);
    else this.#onWarning(event.message);
  }
}

/**
 * The options that can be sent: without those that watch and stop the work.
 *
 * @throws UsageError where another one is a function.
 */
export function sendable(options: object): SentOptions {
  const sent = Object.entries(options).filter(([name, value]) => {
    return value !== undefined && !WATCHERS.has(name);
  });
  const [found] = sent.find(([, value]) => typeof value === "function") ?? [];
  if (found === undefined) return Object.fromEntries(sent);
  throw new UsageError(
    `${found} is a function, which cannot be sent to the worker. In a worker of your own, ` +
      "@engraft/web/worker takes it.",
  );
}

const WATCHERS: ReadonlySet<string> = new Set([
  "signal",
  "onProgress",
  "onWarning",
  "onTrainingEvent",
  "onEvent",
  "onBase",
]);
