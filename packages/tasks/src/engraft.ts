import { UsageError } from "@engraft/core/errors";
import { OpenBases } from "./bases/open-bases.js";
import type { Host } from "./host.js";

/**
 * The product on one host. It owns the threads of the host, its caches and the base models that are
 * open, and all that it makes shares them.
 *
 * ```ts
 * await using engraft = createEngraft({ threads: 4 });
 * const task = await engraft.train("mails.csv");
 * ```
 */
export class Engraft {
  readonly host: Host;
  /** The base models that are open. */
  readonly bases: OpenBases;
  #closed = false;

  /** @param host - Belongs to the instance from now on: closing it closes the host. */
  constructor(host: Host) {
    this.host = host;
    this.bases = new OpenBases(host);
  }

  /** Stops the threads after what is under way. Nothing that was made here can be used afterwards. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.host.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
