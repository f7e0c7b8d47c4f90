import { DataError } from "@engraft/core/errors";
import type { SelectivePrediction } from "@engraft/tasks";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { predictFrames } from "./frames.js";

/** A video that shows a frame when it is told to. */
class FakeVideo extends EventTarget {
  ended = false;
  srcObject: unknown = null;
  error: { readonly code: number; readonly message: string } | null = null;
  show: ((frame: { mediaTime: number; presentedFrames: number }) => void) | undefined;

  requestVideoFrameCallback(
    tell: (now: number, frame: { mediaTime: number; presentedFrames: number }) => void,
  ): number {
    this.show = (frame) => tell(0, frame);
    return 1;
  }

  cancelVideoFrameCallback(): void {
    this.show = undefined;
  }
}

beforeEach(() => vi.stubGlobal("MediaStream", class {}));
afterEach(() => void vi.unstubAllGlobals());

function framesOf(video: FakeVideo): ReturnType<typeof predictFrames> {
  const predict = async (): Promise<SelectivePrediction> => ({ label: "cat" }) as never;
  return predictFrames(video as unknown as HTMLVideoElement, predict, undefined);
}

it("a video that breaks off fails with the reason, and one that ends does not", async () => {
  const video = new FakeVideo();
  const frames = framesOf(video);
  const first = frames.next();
  video.show!({ mediaTime: 1, presentedFrames: 4 });
  expect(await first).toMatchObject({ value: { prediction: { label: "cat" }, time: 1 } });
  const second = frames.next();
  await Promise.resolve();
  video.error = { code: 2, message: "the connection was lost" };
  video.dispatchEvent(new Event("error"));
  const error = await second.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DataError);
  expect(String(error)).toMatch(/its transfer broke off \(the connection was lost\)/);

  const whole = new FakeVideo();
  const ending = framesOf(whole).next();
  whole.dispatchEvent(new Event("ended"));
  expect(await ending).toEqual({ done: true, value: undefined });
});

it("a video that had failed before is refused", async () => {
  const video = new FakeVideo();
  video.error = { code: 4, message: "" };
  await expect(framesOf(video).next()).rejects.toThrow(
    /no more frames: there is none at its address, or of a kind that this browser cannot play\./,
  );
});
