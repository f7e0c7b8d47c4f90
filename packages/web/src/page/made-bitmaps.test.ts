import type { Port, PortListener } from "@engraft/core/workers/rpc";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Engraft } from "./engraft.js";
import type { Task } from "./task.js";

/** How many bitmaps are open, at each call and now. */
let atCalls: [method: string, open: number][];
let open: number;

class FakeBitmap {
  close(): void {
    open--;
  }
}

class FakeCanvas {}

const CANVAS = new FakeCanvas() as HTMLCanvasElement;

/** A worker that answers each call in a later turn. */
function fakeWorker(): Port {
  let listener: PortListener | undefined;
  const results = new Map<string, object>([
    ["suggestFirst", { suggested: [] }],
    ["predict", { predictions: [] }],
    ["stream", { stream: 1 }],
    ["next", { predictions: [], done: true }],
  ]);
  return {
    post(message) {
      const { id, method } = message as { readonly id: number; readonly method: string };
      atCalls.push([method, open]);
      const result = results.get(method) ?? { task: 1, manifest: { modality: "image" } };
      setTimeout(() => listener!.message({ kind: "result", id, result }));
    },
    listen(given) {
      listener = given;
    },
    close: async () => {},
  };
}

beforeEach(() => {
  atCalls = [];
  open = 0;
  vi.stubGlobal("document", { baseURI: "https://app.example/" });
  vi.stubGlobal("ImageBitmap", FakeBitmap);
  vi.stubGlobal("ImageData", class {});
  vi.stubGlobal("HTMLCanvasElement", FakeCanvas);
  vi.stubGlobal("createImageBitmap", async () => {
    open++;
    return new FakeBitmap();
  });
});
afterEach(() => void vi.unstubAllGlobals());

it("bitmaps that are made of canvases are closed once they were sent", async () => {
  const engraft = new Engraft(fakeWorker, {});
  const rows = [
    [CANVAS, "a"],
    [CANVAS, "b"],
  ] as const;
  const training = engraft.train(rows, { unlabelled: [CANVAS] });
  await vi.waitFor(() => expect(atCalls).toContainEqual(["train", 3]));
  expect(open).toBe(0);
  const task = (await training) as Task<"image">;
  await engraft.suggest([CANVAS, CANVAS]);
  await task.extend(rows);
  await task.predict([CANVAS]);
  for await (const _ of task.predictStream(Array.from({ length: 65 }, () => CANVAS)));
  expect(atCalls.filter(([method]) => method !== "open")).toEqual([
    ["train", 3],
    ["suggestFirst", 2],
    ["extend", 2],
    ["predict", 1],
    ["stream", 64],
    ["next", 64],
    ["end", 64],
    ["stream", 1],
    ["next", 1],
    ["end", 1],
  ]);
  expect(open).toBe(0);
});

it("they are closed where nothing is sent, or a stream is left, too", async () => {
  const engraft = new Engraft(fakeWorker, {});
  function* broken(): Generator<readonly [HTMLCanvasElement, string]> {
    yield [CANVAS, "a"];
    throw new Error("the camera is gone");
  }
  await expect(engraft.train(broken())).rejects.toThrow("the camera is gone");
  expect(open).toBe(0);
  const task = await engraft.train([[CANVAS, "a"]]);
  async function* breaking(): AsyncGenerator<HTMLCanvasElement> {
    yield CANVAS;
    throw new Error("the camera is gone");
  }
  await expect(task.predictStream(breaking()).next()).rejects.toThrow("the camera is gone");
  expect(open).toBe(0);
});
