// Which code of the compiled packages an input reaches, by V8's own counters.
import { Session } from "node:inspector";

const OURS = /\/packages\/[^/]+\/dist\/|\/node_modules\/hyparquet/;

/** Counts what is new since the last look. Everything it needs is in this thread. */
export class Coverage {
  #session = new Session();
  #seen = new Set();
  #ours = new Map();

  constructor() {
    this.#session.connect();
    this.#post("Profiler.enable");
    this.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Ranges of code that were entered so far. */
  get size() {
    return this.#seen.size;
  }

  /** Whether code ran, since the last call, that had not run before or never so often. */
  takeNew() {
    let isNew = false;
    for (const { scriptId, url, functions } of this.#post("Profiler.takePreciseCoverage").result) {
      if (!this.#isOurs(scriptId, url)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count === 0) continue;
          const key = `${scriptId}:${startOffset}:${endOffset}:${bucket(count)}`;
          if (this.#seen.has(key)) continue;
          this.#seen.add(key);
          isNew = true;
        }
      }
    }
    return isNew;
  }

  #isOurs(scriptId, url) {
    const known = this.#ours.get(scriptId);
    if (known !== undefined) return known;
    const ours = OURS.test(url);
    this.#ours.set(scriptId, ours);
    return ours;
  }

  #post(method, parameters) {
    let answer;
    // Calls to the thread's own inspector are answered before post returns.
    this.#session.post(method, parameters, (error, result) => {
      if (error) throw error;
      answer = result;
    });
    return answer;
  }
}

/** 1, 2, 4, 8, ...: loops that run a little more often are nothing new. */
function bucket(count) {
  return Math.min(12, Math.floor(Math.log2(count)));
}
