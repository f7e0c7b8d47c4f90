import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  ADAPTER,
  answerOf,
  BASE,
  MODEL,
  offerGpu,
  setUp,
  setUpBrowsers,
} from "../../../../test/fake-devices.js";

setUpBrowsers();

describe("a browser with a GPU", () => {
  beforeEach(() => offerGpu(ADAPTER));

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

  it.each(["run", "load"] as const)("is left where it does not answer: %s", async (work) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { webgpu, warnings, runtime, devices } = setUp("auto", { wasm: 9, webgpu: 1 });
    const other = await runtime.createSession(MODEL, { base: { id: "other-base", digest: "0b" } });
    expect(await answerOf(other)).toBe(6);
    const never = () => new Promise<void>(() => {});
    if (work === "run") webgpu.fault = never;
    else webgpu.loadFault = never;
    const session = await runtime.createSession(MODEL, { base: BASE });
    const answers = [answerOf(session)];
    await vi.advanceTimersByTimeAsync(1000);
    // It waits behind the work that never ends.
    answers.push(answerOf(other));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await Promise.all(answers)).toEqual([6, 6]);
    expect(await Promise.all([answerOf(session), answerOf(other)])).toEqual([6, 6]);
    await Promise.all([session.release(), other.release()]);
    expect(warnings).toEqual([
      expect.stringMatching(/GPU failed: it has not answered within 60 s\./),
    ]);
    expect(await devices.deviceOf(BASE)).toBe("wasm");
  });

  it("is left where it is lost in a run", async () => {
    const { webgpu, lose, warnings, runtime } = setUp("auto", { wasm: 9, webgpu: 1 });
    const session = await runtime.createSession(MODEL, { base: BASE });
    expect(await answerOf(session)).toBe(6);
    webgpu.fault = () => {
      lose("unplugged");
      return new Promise<void>(() => {});
    };
    expect(await answerOf(session)).toBe(6);
    await session.release();
    expect(warnings).toEqual([expect.stringMatching(/GPU failed: it was lost \(unplugged\)\./)]);
  });

  it("is left for WebAssembly, which is loaded anew where that has failed", async () => {
    const { wasm, webgpu, runtime } = setUp("auto", { wasm: 9, webgpu: 1 });
    const session = await runtime.createSession(MODEL, { base: BASE });
    expect(await answerOf(session)).toBe(6);
    webgpu.fault = () => {
      throw new Error("the GPU was lost");
    };
    wasm.loadFault = () => {
      throw new Error("no memory");
    };
    await expect(answerOf(session)).rejects.toThrow("no memory");
    wasm.loadFault = () => {};
    expect(await answerOf(session)).toBe(6);
  });

  it("is not asked about small models", async () => {
    const { webgpu, runtime } = setUp("webgpu", { wasm: 9, webgpu: 1 });
    expect(await answerOf(await runtime.createSession(MODEL, { isSmall: true }))).toBe(6);
    expect(webgpu.opened).toBe(0);
  });
});
