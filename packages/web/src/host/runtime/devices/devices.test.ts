import { type Runtime, type SessionModel, UsageError } from "@engraft/core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  ADAPTER,
  answerOf,
  BASE,
  clock,
  DEEPER,
  MODEL,
  modelOf,
  offerGpu,
  setUp,
  setUpBrowsers,
} from "../../../../test/fake-devices.js";

setUpBrowsers();

describe("a browser with a GPU", () => {
  beforeEach(() => offerGpu(ADAPTER));

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
    const { warnings, runtime, devices } = setUp(
      device,
      { wasm: 9, webgpu: 1 },
      { factorOf: () => 2.01 },
    );
    const session = await runtime.createSession(MODEL, { base: BASE });
    expect(await answerOf(session)).toBe(6);
    expect(await devices.deviceOf(BASE)).toBe("wasm");
    expect(warnings).toEqual([expect.stringMatching(/small-base gives other results.*0\.0050/)]);
  });

  it("is compared once for all layers of a base that are one model", async () => {
    const speed = { wasm: 9, webgpu: 1 };
    const { wasm, webgpu, runtime, kept } = setUp("auto", speed);
    const ask = async (on: Runtime, model: SessionModel) => {
      const session = await on.createSession(model, { base: BASE });
      expect(await answerOf(session)).toBe(6);
      await session.release();
    };
    for (const model of [MODEL, MODEL, DEEPER, DEEPER]) await ask(runtime, model);
    // Layers that come later are compared alone, without taking their time.
    expect([wasm.runs, webgpu.runs]).toEqual([3, 7]);
    const next = setUp("auto", speed, { kept });
    for (const model of [DEEPER, MODEL]) await ask(next.runtime, model);
    expect([next.wasm.opened, next.webgpu.runs]).toEqual([0, 2]);
    await ask(next.runtime, modelOf(3));
    expect([next.wasm.opened, next.webgpu.runs]).toEqual([1, 4]);
  });

  it("is left by a base whose deeper layers give other results on it", async () => {
    const speed = { wasm: 9, webgpu: 1 };
    const factorOf = (model: SessionModel) => (model === DEEPER ? 2.01 : 2);
    const { wasm, webgpu, warnings, runtime, devices, kept } = setUp("auto", speed, { factorOf });
    const shallow = await runtime.createSession(MODEL, { base: BASE });
    expect(await answerOf(shallow)).toBe(6);
    expect(await devices.deviceOf(BASE)).toBe("webgpu");
    const deep = await runtime.createSession(DEEPER, { base: BASE });
    expect(await answerOf(deep)).toBe(6);
    expect(warnings).toEqual([expect.stringMatching(/small-base gives other results.*0\.0050/)]);
    // Features of a base are kept for its device: all of its layers are on one.
    expect(await devices.deviceOf(BASE)).toBe("wasm");
    const { runs } = webgpu;
    expect(await answerOf(shallow)).toBe(6);
    expect(webgpu.runs).toBe(runs);
    expect([wasm.open, webgpu.open]).toEqual([2, 0]);
    const next = setUp("auto", speed, { kept });
    expect(await next.devices.deviceOf(BASE)).toBe("wasm");
  });

  it("is measured anew with another count of threads", async () => {
    const { runtime, kept } = setUp("auto", { wasm: 9, webgpu: 4 });
    expect(await answerOf(await runtime.createSession(MODEL, { base: BASE }))).toBe(6);
    const next = setUp("auto", { wasm: 3, webgpu: 4 }, { kept, threads: 4 });
    expect(await next.devices.deviceOf(BASE)).toBeUndefined();
    expect(await answerOf(await next.runtime.createSession(MODEL, { base: BASE }))).toBe(6);
    expect(await next.devices.deviceOf(BASE)).toBe("wasm");
  });

  it("is tried again at the next visit where a base could not be measured", async () => {
    const speed = { wasm: 9, webgpu: 1 };
    const { webgpu, runtime, devices, kept } = setUp("auto", speed);
    webgpu.loadFault = () => {
      throw new Error("failed to allocate memory");
    };
    expect(await answerOf(await runtime.createSession(MODEL, { base: BASE }))).toBe(6);
    webgpu.loadFault = () => {};
    expect(await devices.deviceOf(BASE)).toBe("wasm");
    const next = setUp("auto", speed, { kept });
    expect(await answerOf(await next.runtime.createSession(MODEL, { base: BASE }))).toBe(6);
    expect(await next.devices.deviceOf(BASE)).toBe("webgpu");
  });

  it("is measured once for two sessions of a base that run at once", async () => {
    const { wasm, webgpu, runtime, devices } = setUp("auto", { wasm: 9, webgpu: 4 });
    // The GPU is faster at first only: a second measurement would decide otherwise.
    webgpu.fault = (run) => {
      if (run > 2) clock.now += 100;
    };
    const options = { base: BASE };
    const sessions = [
      await runtime.createSession(MODEL, options),
      await runtime.createSession(MODEL, options),
    ];
    expect(await Promise.all(sessions.map(answerOf))).toEqual([6, 6]);
    expect(await devices.deviceOf(BASE)).toBe("webgpu");
    expect([wasm.open, webgpu.open]).toEqual([0, 2]);
    expect(wasm.runs).toBe(2);
  });

  it("is used where it is asked for, though it takes longer", async () => {
    const { runtime, devices } = setUp("webgpu", { wasm: 1, webgpu: 9 });
    expect(await answerOf(await runtime.createSession(MODEL, { base: BASE }))).toBe(6);
    expect(await devices.deviceOf(BASE)).toBe("webgpu");
  });
});

describe("a browser whose GPU does not say what it is", () => {
  it("uses it without a name", async () => {
    offerGpu({});
    const { runtime, devices } = setUp("auto", { wasm: 9, webgpu: 1 });
    expect(await answerOf(await runtime.createSession(MODEL, { base: BASE }))).toBe(6);
    const found = await devices.describe();
    expect(found).toMatchObject({ device: "webgpu", adapter: "a GPU without a name" });
  });

  it("has none where it cannot be asked", async () => {
    const requestAdapter = () => {
      throw new TypeError("not allowed here");
    };
    vi.stubGlobal("navigator", { gpu: { requestAdapter } });
    const { runtime, devices } = setUp("auto", { wasm: 9, webgpu: 1 });
    expect(await answerOf(await runtime.createSession(MODEL, { base: BASE }))).toBe(6);
    expect(await devices.describe()).toMatchObject({ device: "wasm", adapter: undefined });
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
