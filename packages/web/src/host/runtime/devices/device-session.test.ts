import type { SessionModel } from "@engraft/core";
import { type Feeds, type Runtime, UsageError } from "@engraft/core";
import type { Tensor } from "@engraft/onnx";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeviceOption } from "../device.js";
import { Devices } from "./devices.js";
import type { Experience, Measurements } from "./measure.js";
import { runtimeOnDevices } from "./on-devices.js";

const MODEL = {} as SessionModel;
const BASE = { id: "small-base", digest: "0a" };
const FEEDS: Feeds = new Map([
  ["x", { dtype: "float32", dims: [1], data: Float32Array.of(3) } satisfies Tensor],
]);

/** Milliseconds that a run takes on each device. */
interface Speed {
  readonly wasm: number;
  readonly webgpu: number;
}

let clock = 0;
beforeEach(() => {
  clock = 0;
  vi.spyOn(performance, "now").mockImplementation(() => clock);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A browser with a GPU, or without one. */
function offerGpu(adapter: object | null): void {
  const info = { vendor: "maker", architecture: "", device: "", description: "GPU 1" };
  const requestAdapter = () => Promise.resolve(adapter && { info });
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

/** Doubles its input, and counts. */
class FakeRuntime implements Runtime {
  readonly concurrency = 1;
  open = 0;
  opened = 0;
  runs = 0;
  fault: (run: number) => void = () => {};
  readonly #milliseconds: number;
  readonly #factor: number;

  constructor(milliseconds: number, factor = 2) {
    this.#milliseconds = milliseconds;
    this.#factor = factor;
  }

  async createSession() {
    this.open += 1;
    this.opened += 1;
    return {
      inputNames: ["x"],
      outputNames: ["y"],
      run: async (feeds: Feeds): Promise<Map<string, Tensor>> => {
        this.runs += 1;
        this.fault(this.runs);
        clock += this.#milliseconds;
        const { dims, data } = feeds.get("x") as Tensor<"float32">;
        return new Map([
          ["y", { dtype: "float32", dims, data: data.map((value) => this.#factor * value) }],
        ]);
      },
      release: async () => {
        this.open -= 1;
      },
    };
  }
}

function setUp(
  device: DeviceOption,
  speed: Speed,
  { factor = 2, kept = measurementsInMemory() } = {},
) {
  const wasm = new FakeRuntime(speed.wasm);
  const webgpu = new FakeRuntime(speed.webgpu, factor);
  const warnings: string[] = [];
  const devices = new Devices({
    device,
    ort: () => Promise.resolve("1.0"),
    openGpu: () => Promise.resolve(webgpu),
    measurements: kept,
    onWarning: (message) => warnings.push(message),
  });
  return { wasm, webgpu, warnings, devices, runtime: runtimeOnDevices(wasm, devices), kept };
}

async function answerOf(session: { run(feeds: Feeds): Promise<Feeds> }): Promise<number> {
  return Number((await session.run(FEEDS)).get("y")!.data[0]);
}

describe("a browser with a GPU", () => {
  beforeEach(() => offerGpu({}));

  it.each([
    ["webgpu", { wasm: 9, webgpu: 4 }],
    ["wasm", { wasm: 4, webgpu: 9 }],
  ] as const)("runs a base where a batch takes less time: %s", async (expected, speed) => {
    const { wasm, webgpu, devices, runtime, kept } = setUp("auto", speed);
    expect(await devices.deviceOf(BASE)).toBeUndefined();
    const session = await runtime.createSession(MODEL, { base: BASE });
    expect(await Promise.all([answerOf(session), answerOf(session)])).toEqual([6, 6]);
    expect(await devices.deviceOf(BASE)).toBe(expected);
    expect(await devices.describe()).toMatchObject({
      device: expected,
      adapter: "maker GPU 1",
      bases: [
        {
          base: "small-base",
          device: expected,
          measurement: { error: 0, milliseconds: speed },
        },
      ],
    });
    // The other one is let go.
    expect([wasm.open, webgpu.open]).toEqual(expected === "wasm" ? [1, 0] : [0, 1]);
    await session.release();
    expect([wasm.open, webgpu.open]).toEqual([0, 0]);

    const next = setUp("auto", speed, { kept });
    expect(await next.devices.deviceOf(BASE)).toBe(expected);
    expect(await answerOf(await next.runtime.createSession(MODEL, { base: BASE }))).toBe(6);
    expect([next.wasm.opened, next.webgpu.opened]).toEqual(expected === "wasm" ? [1, 0] : [0, 1]);
  });

  it.each(["auto", "webgpu"] as const)("is not used for other results: %s", async (device) => {
    const { warnings, runtime, devices } = setUp(device, { wasm: 9, webgpu: 1 }, { factor: 2.01 });
    const session = await runtime.createSession(MODEL, { base: BASE });
    expect(await answerOf(session)).toBe(6);
    expect(await devices.deviceOf(BASE)).toBe("wasm");
    expect(warnings).toEqual([expect.stringMatching(/small-base gives other results.*0\.0050/)]);
  });

  it("is used for other bases than the one that does not run on it", async () => {
    const { webgpu, warnings, runtime, devices } = setUp("auto", { wasm: 9, webgpu: 1 });
    webgpu.fault = () => {
      throw new Error("no such operator.");
    };
    expect(await answerOf(await runtime.createSession(MODEL, { base: BASE }))).toBe(6);
    webgpu.fault = () => {};
    const other = { id: "other-base", digest: "0b" };
    expect(await answerOf(await runtime.createSession(MODEL, { base: other }))).toBe(6);
    expect((await devices.describe()).bases.map(({ device }) => device)).toEqual([
      "wasm",
      "webgpu",
    ]);
    expect(warnings).toEqual([
      "On the GPU small-base does not run: no such operator. It runs in WebAssembly.",
    ]);
  });

  it("is used where it is asked for, though it takes longer", async () => {
    const { runtime, devices } = setUp("webgpu", { wasm: 1, webgpu: 9 });
    expect(await answerOf(await runtime.createSession(MODEL, { base: BASE }))).toBe(6);
    expect(await devices.deviceOf(BASE)).toBe("webgpu");
  });

  it("is left for good inside the call in which it fails, with one warning", async () => {
    const { wasm, webgpu, warnings, runtime, devices } = setUp("auto", { wasm: 9, webgpu: 1 });
    const sessions = [
      await runtime.createSession(MODEL, { base: BASE }),
      await runtime.createSession(MODEL, { base: BASE }),
    ];
    for (const session of sessions) expect(await answerOf(session)).toBe(6);
    webgpu.fault = () => {
      throw new Error("the GPU was lost");
    };
    const answers = sessions.flatMap((session) => [answerOf(session), answerOf(session)]);
    expect(await Promise.all(answers)).toEqual([6, 6, 6, 6]);
    expect(warnings).toEqual([expect.stringMatching(/GPU failed: the GPU was lost/)]);
    expect(await devices.deviceOf(BASE)).toBe("wasm");
    const { runs } = webgpu;
    for (const session of sessions) expect(await answerOf(session)).toBe(6);
    expect(webgpu.runs).toBe(runs);
    expect(await devices.describe()).toMatchObject({
      device: "wasm",
      reason: "The GPU failed: the GPU was lost.",
      bases: [{ device: "wasm" }],
    });
    for (const session of sessions) await session.release();
    expect([wasm.open, webgpu.open]).toEqual([0, 0]);
  });

  it("is not blamed for a batch that does not fit the model", async () => {
    const { wasm, webgpu, warnings, runtime } = setUp("auto", { wasm: 9, webgpu: 1 });
    const refuse = (): void => {
      throw new Error("wrong shape");
    };
    const session = await runtime.createSession(MODEL);
    wasm.fault = refuse;
    await expect(answerOf(session)).rejects.toThrow("wrong shape");
    wasm.fault = () => {};
    expect(await answerOf(session)).toBe(6);
    wasm.fault = refuse;
    webgpu.fault = refuse;
    await expect(answerOf(session)).rejects.toThrow("wrong shape");
    expect(warnings).toEqual([]);
  });

  it("is not asked about small models", async () => {
    const { webgpu, runtime } = setUp("webgpu", { wasm: 9, webgpu: 1 });
    expect(await answerOf(await runtime.createSession(MODEL, { isSmall: true }))).toBe(6);
    expect(webgpu.opened).toBe(0);
  });
});

describe("a browser without a GPU", () => {
  beforeEach(() => offerGpu(null));

  it("runs all in WebAssembly, without a measurement", async () => {
    const { wasm, runtime, devices } = setUp("auto", { wasm: 9, webgpu: 1 });
    expect(await answerOf(await runtime.createSession(MODEL, { base: BASE }))).toBe(6);
    expect(wasm.runs).toBe(1);
    expect(await devices.describe()).toEqual({
      device: "wasm",
      reason: "The browser offers no GPU.",
      adapter: undefined,
      bases: [],
    });
  });

  it("refuses to run on one, and says what to ask for", async () => {
    const { runtime, devices } = setUp("webgpu", { wasm: 9, webgpu: 1 });
    const refused = runtime.createSession(MODEL, { base: BASE });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(/"auto"/);
    await expect(devices.describe()).rejects.toThrow(UsageError);
  });
});
