import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openApp, type TestApp } from "./browser.js";
import { MAILS } from "./texts.js";

const BASE = "/engraft/efficientnet-lite0/";
const MODEL = `${BASE}model.onnx`;
const HTML = "<!doctype html><title>The app</title>";

let app: TestApp;
let model: Uint8Array;

beforeAll(async () => {
  const path = new URL("../../../../models/efficientnet-lite0/model.onnx", import.meta.url);
  model = await readFile(fileURLToPath(path));
  app = await openApp();
});
afterAll(() => app?.close());
afterEach(() => {
  app.server.fault = () => undefined;
  app.server.isIsolated = true;
});

/** Reads two images with the base. @returns What was thrown, or the warnings of the work. */
function look(page: Page): Promise<{ error?: string; code?: string; notices: string[] }> {
  return page.evaluate(async () => {
    const notices: string[] = [];
    const instance = window.engraft.createEngraft({
      onWarning: (message) => notices.push(message),
    });
    try {
      const bitmap = await createImageBitmap(new ImageData(32, 16));
      const images = [bitmap, new ImageData(16, 32)];
      await instance.suggest(images, { count: 1, base: "efficientnet-lite0" });
      return { notices };
    } catch (error) {
      const { message, code } = error as Error & { code: string };
      return { error: message, code, notices };
    } finally {
      await instance.close();
    }
  });
}

describe("what a server does wrong", () => {
  it.each([
    ["a file of a base that is missing", { status: 404, type: "text/plain", body: "no" }, /404/],
    ["a page in place of a file", { type: "text/html", body: HTML }, /web page \(text\/html\)/],
  ])("is said: %s", async (_, answer, expected) => {
    const page = await app.open();
    app.server.fault = (path) => (path === MODEL ? answer : undefined);
    const { error, code } = await look(page);
    expect(code).toBe("base/invalid");
    expect(error).toMatch(/efficientnet-lite0.*model\.onnx/);
    expect(error).toMatch(expected);
    await page.close();
  });

  it("is said: altered bytes, which are not kept; and work goes on when it is mended", async () => {
    const page = await app.open();
    const altered = Uint8Array.from(model);
    altered[altered.length - 1]! ^= 1;
    app.server.fault = (path) => (path === MODEL ? { body: altered } : undefined);
    const first = await look(page);
    expect(first).toMatchObject({ code: "base/altered" });
    app.server.fault = () => undefined;
    expect(await look(page)).toEqual({ notices: [] });
    // From now on no server is needed for the base.
    app.server.fault = (path) => (path.startsWith(BASE) ? { status: 503, body: "" } : undefined);
    expect(await look(page)).toEqual({ notices: [] });
    await page.close();
  });

  it("is said before it is read: a file that is larger than a browser can hold", async () => {
    const page = await app.open();
    app.server.handle = (path, _, response) => {
      if (path !== MODEL) return false;
      response.writeHead(200, { "content-length": 5e9 }).write("the beginning");
      return true;
    };
    const { error, code } = await look(page);
    app.server.handle = () => false;
    expect(code).toBe("base/invalid");
    expect(error).toMatch(/5\.0 GB, and no more than 2\.1 GB/);
    await page.close();
  });

  it("is made good: a transfer that breaks off goes on where it stopped", async () => {
    const page = await app.open();
    const ranges: (string | undefined)[] = [];
    app.server.handle = (path, request, response) => {
      if (path !== MODEL) return false;
      const { range } = request.headers;
      ranges.push(range);
      const headers = { etag: '"1"', "content-type": "application/octet-stream" };
      if (range === undefined) {
        response.writeHead(200, { ...headers, "content-length": model.length });
        response.write(model.subarray(0, 1_000_000), () => response.destroy());
      } else {
        const start = Number(/bytes=(\d+)-/.exec(range)![1]);
        response.writeHead(206, { ...headers, "content-length": model.length - start });
        response.end(model.subarray(start));
      }
      return true;
    };
    const { error } = await look(page);
    app.server.handle = () => false;
    expect(error).toBeUndefined();
    expect(ranges[0]).toBeUndefined();
    expect(ranges[1]).toMatch(/^bytes=\d+-$/);
    await page.close();
  });

  it.each([
    ["ort-wasm-simd-threaded.wasm", { type: "text/html", body: HTML }, /web page/],
    ["ort-wasm-simd-threaded.wasm", { body: HTML }, /no WebAssembly/],
    ["ort-wasm-simd-threaded.mjs", { status: 404, type: "text/plain", body: "" }, /404/],
  ])("is said of the files of ONNX Runtime Web: %s %o", async (file, answer, expected) => {
    const page = await app.open();
    app.server.fault = (path) => (path === `/${file}` ? answer : undefined);
    const { error, code } = await look(page);
    expect(code).toBe("runtime/load");
    expect(error).toContain(file);
    expect(error).toMatch(expected);
    await page.close();
  });

  it("is said where pages are not isolated: models run on one thread", async () => {
    app.server.isIsolated = false;
    const page = await app.open();
    const info = await page.evaluate(async () => {
      const instance = window.engraft.createEngraft();
      const found = await instance.info();
      await instance.close();
      return found;
    });
    expect(info.threads).toBe(1);
    expect(info.notices).toEqual([expect.stringContaining("Cross-Origin-Opener-Policy")]);
    await page.close();
  });
});

describe("what a browser lacks", () => {
  it("costs the next visit, and a warning: a file system and a cache", async () => {
    app.server.files.set("/bare-worker.js", 'import "./bare.js"; import "./engine-worker.js";');
    app.server.files.set(
      "/bare.js",
      `const refuse = () => Promise.reject(new DOMException("no", "SecurityError"));
       StorageManager.prototype.getDirectory = refuse;
       CacheStorage.prototype.open = refuse;`,
    );
    const page = await app.open();
    const found = await page.evaluate(async (mails) => {
      const notices: string[] = [];
      const worker = "/bare-worker.js";
      const onWarning = (message: string) => notices.push(message);
      const instance = window.engraft.createEngraft({ worker, onWarning });
      const { where } = await instance.storage();
      const error = await instance
        .train(mails, { base: "no-such-base" })
        .catch((thrown: unknown) => thrown);
      await instance.close();
      return { where, notices, error: String(error) };
    }, MAILS);
    expect(found.where).toBe("memory");
    expect(found.notices).toEqual([expect.stringContaining("keeps no files here")]);
    expect(found.error).toContain("no-such-base");
    await page.close();
  });

  it("is room: base models are then loaded at each visit, and a warning says how much there is", async () => {
    const page = await app.open();
    const session = await page.context().newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", {
      origin: app.server.address,
      quotaSize: 2_000_000,
    });
    const { error, notices } = await look(page);
    expect(error).toBeUndefined();
    expect(notices.join("\n")).toMatch(
      /cannot be kept for the next visit: the browser gives this site \d+ MB/,
    );
    await page.close();
  });

  it("is a worker that the browser ends: its calls fail, and the next ones start another", async () => {
    const page = await app.open();
    const found = await page.evaluate(async () => {
      const { WorkerError } = window.engraft;
      const workers: Worker[] = [];
      const Original = window.Worker;
      window.Worker = class extends Original {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options);
          workers.push(this);
        }
      };
      const instance = window.engraft.createEngraft();
      await instance.info();
      const pending = instance.info().then(
        () => undefined,
        (error: unknown) => error,
      );
      const waiting = instance.loadTask("/slow/").then(
        () => undefined,
        (error: unknown) => error,
      );
      workers[0]!.terminate();
      const errors = [await pending, await waiting];
      const again = await instance.info();
      window.Worker = Original;
      await instance.close();
      return {
        died: errors.map((error) => error instanceof WorkerError && error.code),
        workers: workers.length,
        device: again.device,
      };
    });
    expect(found).toMatchObject({ workers: 2, device: "wasm" });
    expect(found.died).toContain("worker/died");
    await page.close();
  });
});
