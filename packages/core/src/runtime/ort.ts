import type { Tensor } from "@engraft/onnx";
import { createQueue } from "../concurrency.js";
import { explainRuntimeError } from "./explain.js";
import type { Runtime, Session, SessionOptions } from "./runtime.js";
import type { SessionModel } from "./session-model.js";
import { smallestModel } from "./smallest-model.js";

/** A tensor of onnxruntime-node or onnxruntime-web. */
export interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** A loaded model of onnxruntime-node or onnxruntime-web. */
export interface OrtSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Computes the outputs, by name. */
  run(feeds: Record<string, OrtTensor>): Promise<Readonly<Record<string, OrtTensor>>>;
  /** Frees the model. */
  release(): Promise<void>;
}

/**
 * The part of `onnxruntime-node` and `onnxruntime-web` that Engraft uses. Both modules satisfy it,
 * and it is injected, so that an application decides which of them it installs.
 */
export interface OrtModule {
  readonly InferenceSession: {
    /** Loads a model from the bytes of its file. */
    create(model: Uint8Array, options: Record<string, unknown>): Promise<OrtSession>;
  };
  readonly Tensor: {
    /** Makes a tensor. */
    new (type: never, data: never, dims: readonly number[]): OrtTensor;
  };
}

/**
 * Models are loaded one after the other: ONNX Runtime Web forgets the weights of all that are loading
 * when the first of them has loaded.
 */
const loading = createQueue();

/**
 * A {@link Runtime} over an ONNX Runtime module. Runs happen on the calling thread: in Node that
 * blocks it for as long as the model takes. The runs of a session happen one after the other, in the
 * order of the calls. What ONNX Runtime throws becomes a {@link RuntimeError}.
 *
 * @param ort - The imported module `onnxruntime-node` or `onnxruntime-web`.
 * @param settings - Further options of every session as that module names them, such as
 *   `executionProviders`.
 */
export function ortRuntime(
  ort: OrtModule,
  settings: Readonly<Record<string, unknown>> = {},
): Runtime {
  const create = async (
    { bytes, shared }: SessionModel,
    options: SessionOptions,
  ): Promise<OrtSession> => {
    try {
      const externalData = Array.from(shared, ([path, data]) => ({ path, data }));
      const all = { ...settings, ...sessionOptions(options), externalData };
      return await loading(() => ort.InferenceSession.create(bytes, all));
    } catch (error) {
      throw explainRuntimeError(error, "load");
    }
  };
  return {
    concurrency: 1,
    async initialize() {
      // ONNX Runtime makes its environment with the first session.
      await (await create(smallestModel, { threads: 1 })).release();
    },
    async createSession(model, options = {}) {
      const session = await create(model, options);
      const names = [...session.inputNames, ...session.outputNames];
      if (!names.includes("__proto__")) return wrapSession(ort, session, new Map());
      await session.release();
      // Loaded where it is needed alone: it brings the codec.
      const { PROTO, renameProto } = await import("./rename-proto.js");
      const { renamed, name } = renameProto(model);
      return wrapSession(ort, await create(renamed, options), new Map([[PROTO, name]]));
    },
  };
}

/**
 * Threads of a run wait for each other awake for so many microseconds only: between its operators, and
 * not after it, where others need the core.
 */
const SHORT_SPIN = { session: { intra_op: { spin_duration_us: "50" } } };

function sessionOptions(options: SessionOptions): Record<string, unknown> {
  return {
    graphOptimizationLevel: "all",
    // Its warnings would reach the user's terminal, and its errors, which it also throws, twice.
    logSeverityLevel: 4,
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    ...(options.lowLatency ? { extra: SHORT_SPIN } : {}),
    ...(options.planMemory === undefined ? {} : { enableMemPattern: options.planMemory }),
    ...(options.keepMemory === undefined ? {} : { enableCpuMemArena: options.keepMemory }),
  };
}

async function run(
  session: OrtSession,
  feeds: Record<string, OrtTensor>,
): Promise<Readonly<Record<string, OrtTensor>>> {
  try {
    return await session.run(feeds);
  } catch (error) {
    throw explainRuntimeError(error, "run");
  }
}

/** @param renames - Names in the session by those in the model, where they differ. */
function wrapSession(
  ort: OrtModule,
  session: OrtSession,
  renames: ReadonlyMap<string, string>,
): Session {
  const originals = new Map(Array.from(renames, ([original, name]) => [name, original]));
  const originalOf = (name: string): string => originals.get(name) ?? name;
  // ONNX Runtime Web refuses a run while another one is under way on a GPU, and has one at a time.
  const queue = createQueue();
  return {
    inputNames: session.inputNames.map(originalOf),
    outputNames: session.outputNames.map(originalOf),
    async run(feeds) {
      // Without a prototype: an input called `constructor` that is not fed is missing.
      const ortFeeds: Record<string, OrtTensor> = Object.create(null);
      for (const [name, { dtype, data, dims }] of feeds) {
        ortFeeds[renames.get(name) ?? name] = new ort.Tensor(dtype as never, data as never, dims);
      }
      const results = await queue(() => run(session, ortFeeds));
      return new Map(
        Object.entries(results).map(([name, { type, data, dims }]) => [
          originalOf(name),
          // ONNX Runtime names element types and stores their data as the IR does.
          { dtype: type, dims, data } as Tensor,
        ]),
      );
    },
    release: () => queue(() => session.release()),
  };
}
