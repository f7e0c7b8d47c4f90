import type { Runtime, Session } from "@engraft/core";
import { createQueue, smallestModel, widenRows } from "@engraft/core/internal";
import { ortRuntime } from "@engraft/core/ort";
import { explainOrtFiles } from "../explain-ort-files.js";
import { loadOrt, type OrtBuild, ortFiles } from "../load-ort.js";
import { GpuGone } from "./measure.js";

/**
 * Loads ONNX Runtime Web for WebGPU. Its code is fetched here and nowhere else.
 *
 * @throws RuntimeError when it cannot be loaded, or the GPU does not start.
 */
export async function openGpu(options: OrtBuild): Promise<Runtime> {
  try {
    // What does not run on the GPU is a matter of shapes, and gains nothing by threads.
    const { ort } = await loadOrt("webgpu", options, 1);
    const runtime = ortRuntime(ort, { executionProviders: ["webgpu"] });
    // ONNX Runtime lets the GPU go with the last session on it: this one stays.
    await runtime.createSession(smallestModel);
    return guarded(runtime, (await ort.env.webgpu.device) as GPUDevice);
  } catch (error) {
    throw await explainOrtFiles(error, ortFiles("webgpu", options));
  }
}

/**
 * The same runtime. It does one thing at a time, as its code demands, and what waits for a GPU that is
 * lost fails: it could wait for ever.
 */
function guarded(runtime: Runtime, device: GPUDevice): Runtime {
  const loss = new Loss(device);
  const queue = createQueue();
  const alone = <T>(work: () => Promise<T>): Promise<T> => queue(() => loss.orResultOf(work));
  const guardedSession = (session: Session): Session => ({
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: (feeds) => alone(() => session.run(feeds)),
    release: () => alone(() => session.release()),
  });
  const hasHalf = device.features.has("shader-f16");
  return {
    concurrency: 1,
    async createSession(model, options) {
      const known = hasHalf ? model : widenRows(model);
      return guardedSession(await alone(() => runtime.createSession(known, options)));
    },
  };
}

/** Fails what is under way when the GPU is lost, and all that comes afterwards. */
class Loss {
  #error: GpuGone | undefined;
  /** One promise for all would remember every piece of work that ever waited for it. */
  readonly #waiting = new Set<(error: GpuGone) => void>();

  constructor(device: GPUDevice) {
    void device.lost.then(({ message, reason }) => {
      this.#error = new GpuGone(`it was lost (${message || reason})`);
      for (const fail of this.#waiting) fail(this.#error);
    });
  }

  orResultOf<T>(work: () => Promise<T>): Promise<T> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      const forget = (): unknown => this.#waiting.delete(reject);
      work().then(resolve, reject).finally(forget);
    });
  }
}
