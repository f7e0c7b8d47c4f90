import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApp, type TestApp } from "./browser.js";
import { labelledStripes } from "./images.js";

let app: TestApp;
let page: Page;

declare global {
  interface Window {
    /** A canvas whose stripe stands or lies, as a video that runs. */
    openVideo(): Promise<{
      readonly video: HTMLVideoElement;
      readonly show: (kind: "standing" | "lying") => void;
      readonly end: () => void;
    }>;
    watching: import("../../src/index.js").Task<"image">;
  }
}

beforeAll(async () => {
  app = await openApp();
  page = await app.open();
  const rows = (await labelledStripes()).map(([file, label]) => [[...file], label] as const);
  await page.evaluate(async (rows) => {
    const images = rows.map(([bytes, label]) => [Uint8Array.from(bytes), label] as const);
    window.watching = (await window.engraft.train(images, { views: "last" })) as never;
    window.openVideo = async () => {
      const canvas = document.createElement("canvas");
      canvas.width = 32;
      canvas.height = 32;
      const context = canvas.getContext("2d")!;
      let kind = "standing";
      const draw = (): void => {
        context.fillStyle = "rgb(40, 40, 40)";
        context.fillRect(0, 0, 32, 32);
        context.fillStyle = "rgb(220, 220, 220)";
        if (kind === "standing") context.fillRect(11, 0, 6, 32);
        else context.fillRect(0, 11, 32, 6);
      };
      draw();
      const drawing = setInterval(draw, 10);
      const video = document.createElement("video");
      video.muted = true;
      const stream = canvas.captureStream();
      video.srcObject = stream;
      await video.play();
      return {
        video,
        show: (next) => {
          kind = next;
        },
        end: () => {
          clearInterval(drawing);
          for (const track of stream.getTracks()) track.stop();
        },
      };
    };
  }, rows);
});
afterAll(() => app?.close());

describe("the frames of a video", () => {
  it.each([
    ["as the browser tells them", false],
    ["where the browser does not tell them", true],
  ])("are predicted one at a time, the newest, %s", async (_, isBare) => {
    const found = await page.evaluate(async (bare) => {
      const { video, show, end } = await window.openVideo();
      if (bare) Object.assign(video, { requestVideoFrameCallback: undefined });
      const labels: string[] = [];
      const times: number[] = [];
      let dropped = 0;
      for await (const frame of window.watching.predictFrames(video)) {
        labels.push(frame.prediction.label);
        times.push(frame.time);
        dropped += frame.dropped;
        if (labels.length === 3) show("lying");
        // While the page is busy, frames pass.
        await new Promise((resolve) => setTimeout(resolve, 100));
        if (labels.length === 8) break;
      }
      end();
      return {
        labels,
        dropped,
        isOrdered: times.every((time, at) => at === 0 || time > times[at - 1]!),
      };
    }, isBare);
    expect(found.labels.slice(0, 3)).toEqual(["standing", "standing", "standing"]);
    expect(found.labels.at(-1)).toBe("lying");
    expect(found.dropped).toBeGreaterThan(0);
    expect(found.isOrdered).toBe(true);
  });

  it("end with the video, or with a signal", async () => {
    const found = await page.evaluate(async () => {
      const first = await window.openVideo();
      let count = 0;
      for await (const { prediction } of window.watching.predictFrames(first.video)) {
        if (prediction.label === "standing") count++;
        if (count === 2) first.end();
      }
      const second = await window.openVideo();
      const controller = new AbortController();
      const frames = window.watching.predictFrames(second.video, { signal: controller.signal });
      await frames.next();
      second.video.pause();
      const waiting = (async () => {
        for await (const _ of frames);
      })().catch((error: Error) => error.message);
      setTimeout(() => controller.abort(new Error("enough")), 50);
      const stopped = await waiting;
      second.end();
      return { count, stopped };
    });
    expect(found.count).toBeGreaterThanOrEqual(2);
    expect(found.stopped).toBe("enough");
  });

  it("are no texts; and sound is refused by name", async () => {
    const found = await page.evaluate(async () => {
      const { UsageError } = window.engraft;
      const sound = new AudioBuffer({ length: 8, sampleRate: 8000 });
      const refused = [
        await window.watching.predict(sound as never).catch((error: unknown) => error),
        await window.engraft.train([[sound as never, "a"]]).catch((error: unknown) => error),
      ];
      return refused.map((error) => error instanceof UsageError && error.message);
    });
    for (const message of found) expect(message).toMatch(/AudioBuffer is sound.*not read yet/);
  });
});
