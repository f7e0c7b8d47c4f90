import { UsageError } from "@engraft/core/errors";
import { Engraft } from "@engraft/tasks/predict";
import { createNodeHost, type NodeHostOptions } from "./host/node-host.js";

/** What an instance is made with; every part has a default. */
export interface EngraftOptions extends NodeHostOptions {
  /** Where models run. In Node that is the CPU. */
  readonly device?: "cpu" | undefined;
}

/**
 * Makes an instance of Engraft: threads, a feature cache and open base models that everything made with
 * it shares. Nothing is loaded and no thread is started before it is needed.
 *
 * ```ts
 * await using engraft = createEngraft({ threads: 4 });
 * const task = await engraft.loadTask("mails.engraft");
 * ```
 *
 * @throws UsageError when an option is not valid.
 */
export function createEngraft(options: EngraftOptions = {}): Engraft {
  const { threads, device = "cpu", ...rest } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new UsageError(`threads is a whole number above 0, not ${threads}.`);
  }
  if (device !== "cpu")
    throw new UsageError(`In Node the device is "cpu", not "${String(device)}".`);
  return new Engraft(createNodeHost({ threads, ...rest }));
}

let shared: Engraft | undefined;

/**
 * The instance that the free functions use: made at its first use and never closed. Its threads do not
 * keep the process alive.
 */
export function defaultEngraft(): Engraft {
  shared ??= createEngraft();
  return shared;
}
