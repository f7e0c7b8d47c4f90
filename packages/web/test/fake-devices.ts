import type { Feeds, Runtime, SessionModel } from "@engraft/core";
import type { Tensor } from "@engraft/onnx";
import { afterEach, beforeEach, vi } from "vitest";
import type { DeviceOption } from "../src/host/runtime/device.js";
import { Devices } from "../src/host/runtime/devices/devices.js";
import { guarded } from "../src/host/runtime/devices/guarded.js";
import type { Experience, Measurements } from "../src/host/runtime/devices/measure.js";
import { runtimeOnDevices } from "../src/host/runtime/devices/on-devices.js";

/** A model whose bytes are so many. */
export function modelOf(bytes: number): SessionModel {
  return { bytes: new Uint8Array(bytes), shared: new Map() } as unknown as SessionModel;
}

/** Some layers of a base. */
export const MODEL = modelOf(1);
/** More layers of the same base. */
export const DEEPER = modelOf(2);
/** A base model. */
export const BASE = { id: "small-base", digest: "0a" };
const FEEDS: Feeds = new Map([
  ["x", { dtype: "float32", dims: [1], data: Float32Array.of(3) } satisfies Tensor],
]);

/** Milliseconds that a run takes on each device. */
interface Speed {
  readonly wasm: number;
  readonly webgpu: number;
}

/** Milliseconds, which pass in runs alone. */
export const clock = { now: 0 };

/** Gives each test of a file a clock and a browser of its own. */
export function setUpBrowsers(): void {
  beforeEach(() => {
    clock.now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => clock.now);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}

/** A GPU that says what it is. */
export const ADAPTER = {
  info: { vendor: "maker", architecture: "", device: "", description: "GPU 1" },
};

/** A browser with a GPU, or without one. */
export function offerGpu(adapter: object | null): void {
  const requestAdapter = () => Promise.resolve(adapter);
  vi.stubGlobal("navigator", { gpu: { requestAdapter } });
}

/** What one visit has measured, for the next one. */
function measurementsInMemory(): Measurements {
  const all = new Map<string, Experience>();
  const keyOf = (...parts: readonly unknown[]): string => JSON.stringify(parts);
  return {
    read: (base, now) => Promise.resolve(all.get(keyOf(base, now))),
    write: async (base, now, measurement) => void all.set(keyOf(base, now), measurement),
  };
}

/** Multiplies its input, and counts. */
class FakeRuntime implements Runtime {
  readonly concurrency = 1;
  open = 0;
  opened = 0;
  runs = 0;
  /** Before a run. */
  fault: (run: number) => void | Promise<void> = () => {};
  /** Before a model is loaded. */
  loadFault: (model: SessionModel) => void | Promise<void> = () => {};
  readonly #milliseconds: number;
  readonly #factorOf: (model: SessionModel) => number;

  constructor(milliseconds: number, factorOf: (model: SessionModel) => number = () => 2) {
    this.#milliseconds = milliseconds;
    this.#factorOf = factorOf;
  }

  async createSession(model: SessionModel) {
    this.opened += 1;
    await this.loadFault(model);
    this.open += 1;
    const factor = this.#factorOf(model);
    return {
      inputNames: ["x"],
      outputNames: ["y"],
      run: async (feeds: Feeds): Promise<Map<string, Tensor>> => {
        this.runs += 1;
        await this.fault(this.runs);
        clock.now += this.#milliseconds;
        const { dims, data } = feeds.get("x") as Tensor<"float32">;
        return new Map([
          ["y", { dtype: "float32", dims, data: data.map((value) => factor * value) }],
        ]);
      },
      release: async () => {
        this.open -= 1;
      },
    };
  }
}

interface Visit {
  /** What the GPU multiplies by, where it should double. */
  readonly factorOf?: (model: SessionModel) => number;
  readonly kept?: Measurements;
  readonly threads?: number;
}

/** One visit to a page. */
export function setUp(
  device: DeviceOption,
  speed: Speed,
  { factorOf, kept = measurementsInMemory(), threads = 1 }: Visit = {},
) {
  const wasm = new FakeRuntime(speed.wasm);
  const webgpu = new FakeRuntime(speed.webgpu, factorOf);
  const warnings: string[] = [];
  let lose: (reason: string) => void = () => {};
  const lost = new Promise<string>((resolve) => {
    lose = resolve;
  });
  const devices = new Devices({
    device,
    ort: () => Promise.resolve("1.0"),
    threads,
    openGpu: () => Promise.resolve(guarded(webgpu, lost)),
    measurements: kept,
    onWarning: (message) => warnings.push(message),
  });
  return { wasm, webgpu, lose, warnings, devices, runtime: runtimeOnDevices(wasm, devices), kept };
}

/** What a session makes of 3. */
export async function answerOf(session: { run(feeds: Feeds): Promise<Feeds> }): Promise<number> {
  return Number((await session.run(FEEDS)).get("y")!.data[0]);
}
