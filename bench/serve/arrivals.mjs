// Requests that arrive at a fixed rate, whether or not earlier ones have been answered.
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "./connection.mjs";

/** Milliseconds between two looks at what is due. */
const TICK = 5;

export class Arrivals {
  /** Seconds of each request that was answered with 200. */
  answered = [];
  /** Requests that were refused with 429 and told when to come back. */
  refused = 0;
  /** What was wrong with the others that ended: a status, or how the connection broke. */
  wrong = [];
  sent = 0;
  underWay = 0;
  connections = 0;
  #url;
  #requests;
  #rate;
  #idle = [];

  /** @param rate - Requests a second. */
  constructor(url, requests, rate) {
    this.#url = url;
    this.#requests = requests;
    this.#rate = rate;
  }

  /** Lets requests arrive for a while. */
  async run(seconds) {
    const started = performance.now();
    let elapsed = 0;
    while (elapsed < seconds) {
      await sleep(TICK);
      elapsed = Math.min(seconds, (performance.now() - started) / 1000);
      while (this.sent < elapsed * this.#rate) void this.#send();
    }
  }

  /** Waits for what is under way, but no longer than some seconds. */
  async drain(patience) {
    const end = performance.now() + 1000 * patience;
    while (this.underWay > 0 && performance.now() < end) await sleep(TICK);
    for (const connection of this.#idle) connection.close();
  }

  async #send() {
    const request = this.#requests[this.sent++ % this.#requests.length];
    const sentAt = performance.now();
    const connection = this.#takeConnection();
    this.underWay++;
    try {
      const { status, retryAfter } = await connection.send(request);
      if (status === 200) this.answered.push((performance.now() - sentAt) / 1000);
      else if (status === 429 && retryAfter > 0) this.refused++;
      else this.wrong.push(status);
      this.#idle.push(connection);
    } catch (error) {
      this.wrong.push(String(error));
    }
    this.underWay--;
  }

  #takeConnection() {
    const connection = this.#idle.pop();
    if (connection?.isOpen) return connection;
    this.connections++;
    return new Connection(this.#url);
  }
}
