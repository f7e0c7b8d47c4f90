import type { OnProgress, OnTrainingEvent } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import { type Port, RpcClient } from "@engraft/core/workers/rpc";
import type { WebHostOptions } from "../host/web-host.js";
import { WEB_ERRORS } from "../protocol/errors.js";
import type { EngineEvent } from "../protocol/facts.js";
import { ENGINE, type EngineMethods, type SentOptions } from "../protocol/methods.js";
import { warn } from "../warn.js";

/** What watches and stops the work of a call, among the options of the product. */
export interface Watch {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
  readonly onTrainingEvent?: OnTrainingEvent | undefined;
  readonly onBase?: ((base: string) => void) | undefined;
}

/** Starts a worker that calls `serveEngine`. */
export type StartEngine = () => Port;

/** The worker of an instance: started by the first call, and anew after it has died. */
export class EngineClient {
  readonly #start: StartEngine;
  readonly #options: WebHostOptions;
  #client: RpcClient<EngineMethods> | undefined;
  #isClosed = false;

  constructor(start: StartEngine, options: WebHostOptions) {
    this.#start = start;
    this.#options = options;
  }

  /** Asks the worker, which is started where there is none. */
  async call<K extends keyof EngineMethods>(
    method: K,
    params: EngineMethods[K]["params"],
    watch: Watch = {},
  ): Promise<EngineMethods[K]["result"]> {
    return this.#connected().call(method, params, {
      signal: watch.signal,
      onEvent: (event) => this.#tell(event, watch),
    });
  }

  /** Ends the worker after what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#client?.close();
  }

  #connected(): RpcClient<EngineMethods> {
    if (this.#isClosed) {
      throw new UsageError("This instance of Engraft was closed. Make another one.");
    }
    if (this.#client?.failure === undefined && this.#client !== undefined) return this.#client;
    const client = new RpcClient<EngineMethods>(this.#start(), ENGINE, WEB_ERRORS);
    const { onWarning: _, ...options } = this.#options;
    // Calls are answered in their order; what fails here fails in them, too.
    client.call("open", { baseUrl: document.baseURI, ...options }).catch(() => {});
    this.#client = client;
    return client;
  }

  #tell(event: EngineEvent, watch: Watch): void {
    const { onWarning = warn } = this.#options;
    if (event.kind === "progress") watch.onProgress?.(event.progress);
    else if (event.kind === "training") watch.onTrainingEvent?.(event.event);
    else if (event.kind === "base") watch.onBase?.(event.base);
    else if (event.kind === "warning") watch.onWarning?.(event.message);
    else onWarning(event.message);
  }
}

/** The options that can be sent: without functions, and without the signal. */
export function sendable(options: object): SentOptions {
  return Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) => name !== "signal" && typeof value !== "function" && value !== undefined,
    ),
  );
}
