import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openApp, SOFTWARE_GPU, type TestApp } from "./browser.js";
import { labelledStripes } from "./images.js";

const GPU_FILE = "/ort-wasm-simd-threaded.asyncify.wasm";

let app: TestApp;
let images: readonly (readonly [number[], string])[];

/** What differs between two runs at most. */
function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, at) => Math.abs(value - b[at]!)));
}

/** A small base, which a GPU that is computed on the processor can run. */
const BASE = { base: "/net.onnx", preprocess: "/net.json", views: "last", seed: 1 } as const;
const PREPROCESSING = {
  kind: "image",
  resize: { mode: "exact", size: 32, filter: "bilinear" },
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
  layout: "nchw",
};

async function openAppWithBase(given: readonly string[] = []): Promise<TestApp> {
  const opened = await openApp(given);
  const net = new URL(
    "../../../../conformance/fixtures/resnet-torchscript-17/model.onnx",
    import.meta.url,
  );
  opened.server.files.set("/net.onnx", await readFile(fileURLToPath(net)));
  opened.server.files.set("/net.json", JSON.stringify(PREPROCESSING));
  return opened;
}

beforeAll(async () => {
  images = (await labelledStripes()).map(([file, label]) => [[...file], label] as const);
});

describe("a browser with a GPU", { timeout: 300_000 }, () => {
  beforeAll(async () => {
    app = await openAppWithBase(SOFTWARE_GPU);
  });
  afterAll(() => app?.close());
  afterEach(() => {
    app.server.requests.clear();
  });

  it("predicts with it as without it, whichever trained the task", async () => {
    const page = await app.open();
    const found = await page.evaluate(
      async ({ images, options }) => {
        const { createEngraft } = window.engraft;
        const notices: string[] = [];
        const onWarning = (message: string) => notices.push(message);
        const wasm = createEngraft({ device: "wasm", onWarning });
        const gpu = createEngraft({ device: "webgpu", onWarning });
        const rows = images.map(([bytes, label]) => [Uint8Array.from(bytes), label] as const);
        const shown = rows.slice(0, 2).map(([file]) => file) as never[];
        const features: number[] = [];
        const probabilities: number[][] = [];
        for (const [a, b] of [
          [gpu, wasm],
          [wasm, gpu],
        ] as const) {
          const task = await a.train(rows as never, options);
          features.push((await a.storage()).features);
          const file = new File([await task.export({ format: "engraft" })], "task.engraft.zip");
          for (const one of [task, await b.loadTask(file)]) {
            const predictions = await one.predict(shown);
            probabilities.push(predictions.flatMap((one) => Object.values(one.probabilities)));
          }
        }
        const infos = [await gpu.info(), await wasm.info()] as const;
        await gpu.close();
        await wasm.close();
        return { probabilities, infos, notices, features };
      },
      { images, options: BASE },
    );
    const [first, ...others] = found.probabilities;
    expect(others).toHaveLength(3);
    for (const other of others) expect(largestDifference(first!, other)).toBeLessThan(1e-3);
    const [gpu, wasm] = found.infos;
    expect(gpu).toMatchObject({ device: "webgpu", reason: "The GPU was asked for." });
    const [measured] = gpu.bases;
    expect(measured).toMatchObject({ base: expect.stringMatching(/net\.onnx$/), device: "webgpu" });
    expect(measured!.measurement!.error).toBeLessThan(1e-4);
    expect(gpu.adapter).toBeTruthy();
    expect(wasm).toMatchObject({ device: "wasm", bases: [] });
    expect(found.notices).toEqual([]);
    // Features of the GPU are kept apart from those of WebAssembly.
    const [ofGpu, ofBoth] = found.features as [number, number];
    expect(ofBoth).toBe(2 * ofGpu);
    await page.context().close();
  });

  it.each([
    // What is submitted to the GPU counts for so many milliseconds, whatever the machine takes.
    ["wasm", 10_000],
    ["webgpu", -10_000],
  ] as const)(
    "runs a base where it took less time, also at the next visit: %s",
    async (device, cost) => {
      app.server.files.set("/clock-worker.js", 'import "./clock.js"; import "./engine-worker.js";');
      app.server.files.set(
        "/clock.js",
        `const now = performance.now.bind(performance);
       const submit = GPUQueue.prototype.submit;
       let added = 0;
       performance.now = () => now() + added;
       GPUQueue.prototype.submit = function (...given) {
         added += ${cost};
         return submit.apply(this, given);
       };`,
      );
      const page = await app.open();
      const visit = (next: Page) =>
        next.evaluate(
          async ({ images, options }) => {
            const rows = images.map(([bytes, label]) => [Uint8Array.from(bytes), label] as const);
            const notices: string[] = [];
            const engraft = window.engraft.createEngraft({
              worker: "/clock-worker.js",
              onWarning: (message) => notices.push(message),
            });
            const before = await engraft.info();
            await engraft.train(rows as never, { ...options, cache: false });
            const after = await engraft.info();
            await engraft.close();
            return { before, after, notices };
          },
          { images, options: BASE },
        );
      const first = await visit(page);
      expect(first.notices).toEqual([]);
      expect(first.before).toMatchObject({ device: "wasm", bases: [] });
      expect(first.after).toMatchObject({ device, bases: [{ device }] });
      expect(first.after.bases[0]!.measurement!.error).toBeLessThan(1e-4);
      expect(app.server.requests.get(GPU_FILE)).toBe(1);
      app.server.requests.clear();
      const next = await visit(await app.open(page.context()));
      expect(next.notices).toEqual([]);
      expect(next.after).toMatchObject({ device, bases: first.after.bases });
      expect(app.server.requests.has(GPU_FILE)).toBe(device === "webgpu");
      await page.context().close();
    },
  );

  it("trains layers with the losses of WebAssembly", async () => {
    const page = await app.open();
    const run = (device: "wasm" | "webgpu") =>
      page.evaluate(async (asked) => {
        const worker = new Worker("/device-worker.js", { type: "module" });
        const answer = new Promise<{
          error?: string;
          result?: { losses: number[]; notices: string[] };
        }>((resolve) => {
          worker.onmessage = ({ data }) => resolve(data);
        });
        worker.postMessage(asked);
        const found = await answer;
        worker.terminate();
        return found;
      }, device);
    const onWasm = await run("wasm");
    expect(onWasm.error).toBeUndefined();
    expect(app.server.requests.has(GPU_FILE)).toBe(false);
    const onGpu = await run("webgpu");
    expect(onGpu.error).toBeUndefined();
    expect(app.server.requests.has(GPU_FILE)).toBe(true);
    expect(onGpu.result).toMatchObject({ notices: [] });
    expect(onWasm.result!.losses).toHaveLength(4);
    for (const [at, loss] of onWasm.result!.losses.entries()) {
      expect(Math.abs(onGpu.result!.losses[at]! / loss - 1)).toBeLessThan(1e-4);
    }
    await page.close();
  });

  it("goes on without it inside the call in which it is lost", async () => {
    app.server.files.set("/lost-worker.js", 'import "./lost.js"; import "./engine-worker.js";');
    app.server.files.set(
      "/lost.js",
      `const request = GPUAdapter.prototype.requestDevice;
       const submit = GPUQueue.prototype.submit;
       let device;
       GPUAdapter.prototype.requestDevice = async function (...given) {
         device = await request.apply(this, given);
         return device;
       };
       let left = Infinity;
       new BroadcastChannel("lost").onmessage = () => { left = 2; };
       GPUQueue.prototype.submit = function (...given) {
         submit.apply(this, given);
         if (--left === 0) device.destroy();
       };`,
    );
    const page = await app.open();
    const found = await page.evaluate(
      async ({ images, options }) => {
        const { createEngraft } = window.engraft;
        const rows = images.map(([bytes, label]) => [Uint8Array.from(bytes), label] as const);
        const shown = rows.slice(0, 2).map(([file]) => file) as never[];
        const notices: string[] = [];
        const plain = createEngraft({ device: "wasm" });
        await plain.train(rows as never, { ...options, output: "shapes" });
        await plain.close();
        const engraft = createEngraft({
          worker: "/lost-worker.js",
          device: "webgpu",
          onWarning: (message) => notices.push(message),
        });
        const task = await engraft.loadTask("shapes");
        const ask = async () => (await task.predict(shown)).map(({ probability }) => probability);
        const before = await ask();
        const { device } = await engraft.info();
        const channel = new BroadcastChannel("lost");
        channel.postMessage("now");
        channel.close();
        const after = await ask();
        const again = await ask();
        const info = await engraft.info();
        await task.close();
        await engraft.close();
        return { before, after, again, device, info, notices };
      },
      { images, options: BASE },
    );
    expect(found.device).toBe("webgpu");
    expect(largestDifference(found.before, found.after)).toBeLessThan(1e-3);
    expect(found.again).toEqual(found.after);
    expect(found.info).toMatchObject({ device: "wasm", bases: [{ device: "wasm" }] });
    expect(found.info.reason).toMatch(/^The GPU failed: .+/);
    expect(found.notices).toEqual([expect.stringMatching(/^The GPU failed: .*WebAssembly/)]);
    await page.close();
  });

  it("works without its code, which a server may not have", async () => {
    app.server.fault = (path) =>
      path === GPU_FILE ? { status: 404, type: "text/plain", body: "" } : undefined;
    const page = await app.open();
    const found = await page.evaluate(
      async ({ images, options }) => {
        const notices: string[] = [];
        const onWarning = (message: string) => notices.push(message);
        const rows = images.map(([bytes, label]) => [Uint8Array.from(bytes), label] as const);
        const engraft = window.engraft.createEngraft({ onWarning });
        const task = await engraft.train(rows as never, options);
        const { label } = await task.predict(rows[0]![0] as never);
        await engraft.close();
        return { label, notices };
      },
      { images, options: BASE },
    );
    app.server.fault = () => undefined;
    expect(found.label).toBe("standing");
    expect(found.notices).toEqual([expect.stringMatching(/asyncify\.wasm.*404/)]);
    await page.close();
  });
});

describe("a browser without a GPU", () => {
  let plain: TestApp;
  beforeAll(async () => {
    plain = await openAppWithBase();
  });
  afterAll(() => plain?.close());

  it("loads nothing for one, and refuses to be asked for one", async () => {
    const page = await plain.open();
    const found = await page.evaluate(
      async ({ images, options }) => {
        const { createEngraft, UsageError } = window.engraft;
        const rows = images.map(([bytes, label]) => [Uint8Array.from(bytes), label] as const);
        const engraft = createEngraft();
        await engraft.train(rows as never, options);
        const info = await engraft.info();
        await engraft.close();
        const asking = createEngraft({ device: "webgpu" });
        const errors = [
          await asking.info().catch((error: unknown) => error),
          await asking.train(rows as never, options).catch((error: unknown) => error),
        ];
        await asking.close();
        return {
          info,
          errors: errors.map((error) => error instanceof UsageError && error.message),
        };
      },
      { images, options: BASE },
    );
    expect(found.info).toMatchObject({ device: "wasm", reason: "The browser offers no GPU." });
    expect(found.errors).toEqual(Array(2).fill(expect.stringMatching(/offers none.*"auto"/)));
    const asked = [...plain.server.requests.keys()];
    expect(asked.filter((path) => /asyncify|webgpu/.test(path))).toEqual([]);
    await page.close();
  });
});
