import type { LinearAlgebra, Runtime } from "@engraft/core";
import { Lazy } from "../lazy.js";
import type { Device, DeviceOption } from "./device.js";
import type { BaseDevice } from "./devices/choice.js";
import { Devices } from "./devices/devices.js";
import type { Measurements } from "./devices/measure.js";
import { runtimeOnDevices } from "./devices/on-devices.js";
import { lazyLinearAlgebra } from "./linear-algebra.js";
import { requireFits } from "./model-size.js";
import { isSmallDevice, oneBaseAtATime } from "./one-base-at-a-time.js";
import type { OrtSource } from "./ort-source.js";
import { chooseThreads } from "./threads.js";
import { withTurns } from "./turns.js";

/** What runs models. */
export interface RuntimeInfo {
  /** `webgpu` where the layers of some model run on the GPU. */
  readonly device: Device;
  /** Why models run there, as a sentence. */
  readonly reason: string;
  /** Description of the GPU that may be used; undefined: none. */
  readonly adapter: string | undefined;
  /** Base models that were measured on both devices. */
  readonly bases: readonly BaseDevice[];
  /** Threads inside an operator, in WebAssembly. */
  readonly threads: number;
  /** Version of ONNX Runtime Web. */
  readonly version: string;
  /** Why models do not run faster, where that can be changed, as sentences. */
  readonly notices: readonly string[];
}

/** How models are run. */
export interface WebRuntimeOptions {
  readonly ort: OrtSource;
  readonly device: DeviceOption;
  /** Most threads. */
  readonly threads: number | undefined;
  readonly measurements: Measurements;
  readonly onWarning: (message: string) => void;
}

/** ONNX Runtime Web on this thread. */
export interface WebRuntime {
  readonly runtime: Runtime;
  /** Products for solvers. They are in double precision, which GPUs do not have. */
  readonly linearAlgebra: LinearAlgebra & { readonly release: () => Promise<void> };
  readonly devices: Devices;
  readonly info: () => Promise<RuntimeInfo>;
}

/** Runs models with ONNX Runtime Web, which is loaded when the first model is. */
export function webRuntime({ ort, device, threads, ...home }: WebRuntimeOptions): WebRuntime {
  const chosen = chooseThreads(threads);
  const started = new Lazy(() => ort.start(chosen.count));
  const loaded: Runtime = {
    concurrency: 1,
    async createSession(model, how) {
      const weights = Array.from(model.shared.values(), ({ byteLength }) => byteLength);
      const bytes = weights.reduce((sum, each) => sum + each, model.bytes.byteLength);
      requireFits("The model", bytes);
      return (await started.get()).runtime.createSession(model, how);
    },
  };
  const wasm = isSmallDevice() ? oneBaseAtATime(loaded) : loaded;
  const devices = new Devices({
    ...home,
    device,
    ort: async () => (await started.get()).version,
    threads: chosen.count,
    openGpu: () => ort.openGpu(),
  });
  return {
    runtime: withTurns(runtimeOnDevices(wasm, devices)),
    linearAlgebra: lazyLinearAlgebra(withTurns(wasm)),
    devices,
    async info() {
      const { version } = await started.get();
      const notices = chosen.limit === undefined ? [] : [chosen.limit];
      return { ...(await devices.describe()), threads: chosen.count, version, notices };
    },
  };
}
