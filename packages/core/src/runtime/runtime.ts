import type { Tensor } from "@engraft/onnx";
import type { Feeds } from "./feeds.js";
import type { SessionModel } from "./session-model.js";

/** Names a base model: its id is for people, and equal digests give equal features. */
export interface BaseReference {
  readonly id: string;
  readonly digest: string;
}

/** Options of one session. */
export interface SessionOptions {
  /**
   * The base model that the layers of this session are of, as it was before any fine-tuning: a runtime
   * with several devices chooses one of them for each base.
   */
  readonly base?: BaseReference;
  /**
   * Whether a run takes less time than to bring its inputs to another device and back. Default: false.
   */
  readonly isSmall?: boolean;
  /** Threads inside one operator. Default: what the runtime chooses. */
  readonly threads?: number;
  /**
   * Whether the memory of a run is laid out as a run of the same shapes needed it before. The layout
   * is held beside what that first run took. Default: what the runtime chooses, in Node `true`.
   */
  readonly planMemory?: boolean;
  /**
   * Whether the session holds on to memory for its next run. Many small models had better not. Default:
   * what the runtime chooses, in Node `true`.
   */
  readonly keepMemory?: boolean;
  /**
   * Whether a run that is alone should end as soon as it can: a pool gives its first worker a thread for
   * each core. Default: false, several runs share the cores.
   */
  readonly lowLatency?: boolean;
}

/** A loaded model, ready to run. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs the model once. The feeds may be transferred away: do not use their data afterwards. */
  run(feeds: Feeds): Promise<Map<string, Tensor>>;
  /** Frees the model. The session cannot be used afterwards. */
  release(): Promise<void>;
}

/** The one thing that the engine asks of ONNX Runtime, in whatever form it is present. */
export interface Runtime {
  /** How many runs make progress at the same time; callers keep about this many in flight. */
  readonly concurrency: number;
  /** Loads a model. Its bytes may be transferred away: do not use them afterwards. */
  createSession(model: SessionModel, options?: SessionOptions): Promise<Session>;
  /** Does at once what the first model would wait for. Default: nothing can be done ahead. */
  initialize?(): Promise<void>;
}
