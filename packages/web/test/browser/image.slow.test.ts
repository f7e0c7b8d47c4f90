import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeImage } from "../../../engraft/src/host/image/decode.js";
import { openApp, type TestApp } from "./browser.js";
import { drawing, labelledStripes, stripe } from "./images.js";

interface Decoded {
  readonly error?: string;
  readonly header?: string;
  readonly stored?: { readonly width: number; readonly height: number; readonly data: number[] };
  readonly upright?: { readonly width: number; readonly height: number };
}

let app: TestApp;
let page: Page;

beforeAll(async () => {
  app = await openApp();
  page = await app.open();
});
afterAll(() => app?.close());

/** What the worker makes of a file. */
async function decode(file: Uint8Array): Promise<Decoded> {
  return page.evaluate(
    async (bytes) => {
      const worker = new Worker("/image-worker.js", { type: "module" });
      const answer = new Promise<Decoded>((resolve) => {
        worker.onmessage = ({ data }) => {
          const { stored } = data;
          const small = stored?.data.length < 10_000 ? [...stored.data] : [];
          resolve({ ...data, ...(stored && { stored: { ...stored, data: small } }) });
        };
      });
      worker.postMessage(Uint8Array.from(bytes));
      const decoded = await answer;
      worker.terminate();
      return decoded;
    },
    [...file],
  );
}

describe("an image in a page", () => {
  it.each([
    ["PNG", () => drawing(3).png().toBuffer()],
    ["transparent PNG", () => drawing(4).png().toBuffer()],
    ["PNG with a palette", () => drawing(3).png({ palette: true }).toBuffer()],
    ["lossless WebP", () => drawing(3).webp({ lossless: true }).toBuffer()],
  ])("has the pixels that Node reads: %s", async (_, encode) => {
    const file = new Uint8Array(await encode());
    const expected = await decodeImage(file);
    const { stored, error } = await decode(file);
    expect(error).toBeUndefined();
    expect(stored).toEqual({ ...expected, data: [...expected.data] });
  });

  it("differs from Node by what decoders of JPEG differ", async () => {
    const file = new Uint8Array(await drawing(3).jpeg({ quality: 90 }).toBuffer());
    const expected = await decodeImage(file);
    const { stored } = await decode(file);
    const differences = expected.data.map((value, at) => Math.abs(value - stored!.data[at]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(3);
  });

  it.each([3, 6])("is turned upright once: orientation %i", async (orientation) => {
    const file = await drawing(3).jpeg({ quality: 100 }).withMetadata({ orientation }).toBuffer();
    const { stored, upright } = await decode(new Uint8Array(file));
    const expected = await decodeImage(new Uint8Array(file));
    expect(stored).toMatchObject({ width: 41, height: 23 });
    expect(upright).toMatchObject(
      orientation === 6 ? { width: 23, height: 41 } : { width: 41, height: 23 },
    );
    const differences = expected.data.map((value, at) => Math.abs(value - stored!.data[at]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(3);
  });

  it("is refused where it is not whole, too large, or of a format that browsers do not decode", async () => {
    const png = new Uint8Array(await drawing(3).png().toBuffer());
    const jpeg = new Uint8Array(await drawing(3).jpeg().toBuffer());
    const tiff = new Uint8Array(await drawing(3).tiff().toBuffer());
    const large = await drawing(3).resize(1200, 1000).png().toBuffer();
    expect((await decode(png.subarray(0, 300))).error).toContain("cannot be decoded");
    expect((await decode(jpeg.subarray(0, 500))).error).toContain("cannot be decoded");
    expect((await decode(tiff)).error).toContain("TIFF");
    expect((await decode(new Uint8Array(large))).header).toContain("1200 x 1000 pixels");
  });

  it("is trained on and predicted in every form that a page has", async () => {
    const rows = (await labelledStripes()).map(([file, label]) => [[...file], label] as const);
    const standing = [...(await stripe("stand", 11))];
    app.server.files.set("/new/standing.png", Uint8Array.from(standing));
    const found = await page.evaluate(
      async ({ rows, standing }) => {
        const { createEngraft, DataError } = window.engraft;
        const engraft = createEngraft();
        const files = rows.map(([bytes, label], at) => {
          const file = new File([Uint8Array.from(bytes)], `${at}.png`, { type: "image/png" });
          return [file, label] as const;
        });
        const task = await engraft.train(files, { views: "last" });
        const blob = new Blob([Uint8Array.from(standing)]);
        const bitmap = await createImageBitmap(blob);
        const canvas = document.createElement("canvas");
        canvas.width = bitmap.width;
        canvas.height = bitmap.height;
        const context = canvas.getContext("2d")!;
        context.drawImage(bitmap, 0, 0);
        const element = new Image();
        element.src = canvas.toDataURL();
        await element.decode();
        const video = document.createElement("video");
        video.muted = true;
        video.srcObject = canvas.captureStream();
        const drawing = setInterval(() => context.drawImage(bitmap, 0, 0), 20);
        await video.play();
        await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
        clearInterval(drawing);
        const inputs = [
          blob,
          Uint8Array.from(standing),
          bitmap,
          canvas,
          element,
          context.getImageData(0, 0, canvas.width, canvas.height),
          "new/standing.png",
          new URL("new/standing.png", document.baseURI),
        ];
        const predictions = await task.predict(inputs);
        const frame = await task.predict(video);
        const broken = await task
          .predict([blob, Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10, 0)])
          .catch((error: unknown) => error);
        const streamed: unknown[] = [];
        for await (const { source, prediction, error } of task.predictStream([
          blob,
          new Blob(["?"]),
        ])) {
          streamed.push([source, prediction?.label, error instanceof DataError]);
        }
        await engraft.close();
        return {
          modality: task.modality,
          predicted: predictions.map(({ label, probability }) => [label, probability] as const),
          frame: frame.label,
          width: bitmap.width,
          problems: broken instanceof DataError ? broken.problems : undefined,
          streamed,
        };
      },
      { rows, standing },
    );
    const [[label, probability]] = found.predicted as unknown as [[string, number]];
    expect([found.modality, label, found.frame]).toEqual(["image", "standing", "standing"]);
    // Exact pixels, whatever form they are in.
    expect(found.predicted).toEqual(Array.from({ length: 8 }, () => ["standing", probability]));
    // What belongs to the page stays with it.
    expect(found.width).toBe(32);
    expect(found.problems).toMatchObject([{ where: "input 2" }]);
    expect(found.streamed).toEqual([
      ["input 1", "standing", false],
      ["input 2", undefined, true],
    ]);
  });
});
