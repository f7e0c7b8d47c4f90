import type { Tensor } from "@engraft/onnx";
import type { Runtime, Session, SessionOptions } from "./runtime.js";

/** A tensor of onnxruntime-node or onnxruntime-web. */
interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

interface OrtSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, OrtTensor>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

/**
 * The part of `onnxruntime-node` and `onnxruntime-web` that Engraft uses. Both modules satisfy it,
 * and it is injected, so that an application decides which of them it installs.
 */
export interface OrtModule {
  readonly InferenceSession: {
    create(model: Uint8Array, options: Record<string, unknown>): Promise<OrtSession>;
  };
  readonly Tensor: new (type: never, data: never, dims: readonly number[]) => OrtTensor;
}

/**
 * A {@link Runtime} over an ONNX Runtime module. Runs happen on the calling thread: in Node that
 * blocks it for as long as the model takes.
 *
 * @param ort - The imported module `onnxruntime-node` or `onnxruntime-web`.
 */
export function ortRuntime(ort: OrtModule): Runtime {
  return {
    concurrency: 1,
    async createSession(model, options = {}) {
      return wrapSession(ort, await ort.InferenceSession.create(model, sessionOptions(options)));
    },
  };
}

function sessionOptions(options: SessionOptions): Record<string, unknown> {
  return {
    graphOptimizationLevel: "all",
    // Warnings about initializers that the optimiser drops would reach the user's terminal.
    logSeverityLevel: 3,
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    ...(options.planMemory === undefined ? {} : { enableMemPattern: options.planMemory }),
    ...(options.keepMemory === undefined ? {} : { enableCpuMemArena: options.keepMemory }),
  };
}

function wrapSession(ort: OrtModule, session: OrtSession): Session {
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds) {
      const ortFeeds: Record<string, OrtTensor> = {};
      for (const [name, { dtype, data, dims }] of Object.entries(feeds)) {
        ortFeeds[name] = new ort.Tensor(dtype as never, data as never, dims);
      }
      const results = await session.run(ortFeeds);
      const outputs: Record<string, Tensor> = {};
      for (const [name, { type, data, dims }] of Object.entries(results)) {
        // ONNX Runtime names element types and stores their data as the IR does.
        outputs[name] = { dtype: type, dims, data } as Tensor;
      }
      return outputs;
    },
    release: () => session.release(),
  };
}
