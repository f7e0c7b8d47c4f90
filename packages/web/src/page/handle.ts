import { UsageError } from "@engraft/core/errors";
import type { EngineConnection } from "./engine.js";

/** What the worker is told to release where a page has let go of it. */
const dropped = new FinalizationRegistry<() => void>((release) => release());

/** Something in the worker that a page holds by its number. It is released when the page lets go of it. */
export class Handle {
  readonly engine: EngineConnection;
  readonly #number: number;
  readonly #closed: string;
  readonly #release: (number: number, engine: EngineConnection) => Promise<unknown>;
  #isClosed = false;

  /**
   * @param release - Has the worker release it.
   * @param closed - What is said of its use after that.
   */
  constructor(
    engine: EngineConnection,
    number: number,
    release: (number: number, engine: EngineConnection) => Promise<unknown>,
    closed: string,
  ) {
    this.engine = engine;
    this.#number = number;
    this.#closed = closed;
    this.#release = release;
    // What a closed or lost worker had is gone with it.
    dropped.register(this, () => void release(number, engine).catch(() => {}), this);
  }

  /** @throws UsageError when it was closed. */
  get number(): number {
    if (this.#isClosed) throw new UsageError(this.#closed);
    return this.#number;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    dropped.unregister(this);
    await this.#release(this.#number, this.engine);
  }
}
