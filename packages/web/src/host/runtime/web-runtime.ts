import type { Runtime } from "@engraft/core";
import { ortRuntime } from "@engraft/core/ort";
import { explainOrtFiles } from "./explain-ort-files.js";
import { type LoadedOrt, loadOrt, type OrtOptions } from "./load-ort.js";
import { chooseThreads } from "./threads.js";
import { withTurns } from "./turns.js";

/** What runs models. */
export interface RuntimeInfo {
  readonly device: "wasm";
  /** Threads inside an operator. */
  readonly threads: number;
  /** Version of ONNX Runtime Web. */
  readonly version: string;
  /** Why models do not run faster, where that can be changed, as sentences. */
  readonly notices: readonly string[];
}

/** ONNX Runtime Web on this thread, loaded when the first model is. */
export function webRuntime(
  options: OrtOptions,
  asked: number | undefined,
): { readonly runtime: Runtime; readonly info: () => Promise<RuntimeInfo> } {
  const threads = chooseThreads(asked);
  let loading: Promise<LoadedOrt & { readonly runtime: Runtime }> | undefined;
  const load = async (): Promise<LoadedOrt & { readonly runtime: Runtime }> => {
    loading ??= start(options, threads.count);
    // Where it fails, it is tried anew: a file may be served by then.
    loading.catch(() => {
      loading = undefined;
    });
    return loading;
  };
  return {
    runtime: {
      concurrency: 1,
      createSession: async (model, how) => (await load()).runtime.createSession(model, how),
    },
    async info() {
      const { version } = await load();
      const notices = threads.limit === undefined ? [] : [threads.limit];
      return { device: "wasm", threads: threads.count, version, notices };
    },
  };
}

async function start(
  options: OrtOptions,
  threads: number,
): Promise<LoadedOrt & { readonly runtime: Runtime }> {
  try {
    const loaded = await loadOrt(options, threads);
    const runtime = ortRuntime(loaded.ort);
    await runtime.initialize?.();
    return { ...loaded, runtime: withTurns(runtime) };
  } catch (error) {
    throw await explainOrtFiles(error, options);
  }
}
