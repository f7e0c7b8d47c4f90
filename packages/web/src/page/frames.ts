import { DataError } from "@engraft/core/errors";
import type { SelectivePrediction } from "@engraft/tasks";

/** A frame of a video that was predicted. */
export interface PredictedFrame {
  readonly prediction: SelectivePrediction;
  /** Where it stands in the video, in seconds. */
  readonly time: number;
  /** How many frames were shown since the one before without being predicted. */
  readonly dropped: number;
}

/** A frame that is shown now. */
interface ShownFrame {
  readonly time: number;
  /** How many frames were shown so far, this one among them. */
  readonly count: number;
}

/**
 * Predicts the frames of a video one after the other, the newest each time, until it ends.
 *
 * @param predict - Predicts the frame that the video shows now.
 * @throws DataError where the video cannot be played.
 */
export async function* predictFrames(
  video: HTMLVideoElement,
  predict: () => Promise<SelectivePrediction>,
  signal: AbortSignal | undefined,
): AsyncGenerator<PredictedFrame> {
  let last: ShownFrame | undefined;
  for (;;) {
    const frame = await nextFrame(video, signal);
    if (frame === undefined) return;
    const dropped = last === undefined ? 0 : Math.max(0, frame.count - last.count - 1);
    last = frame;
    yield { prediction: await predict(), time: frame.time, dropped };
  }
}

/**
 * Waits for a new frame.
 *
 * @returns Undefined where the video ends.
 * @throws DataError where it cannot be played.
 */
function nextFrame(
  video: HTMLVideoElement,
  signal: AbortSignal | undefined,
): Promise<ShownFrame | undefined> {
  return new Promise((resolve, reject) => {
    const listening = new AbortController();
    const end = (frame?: ShownFrame): void => {
      listening.abort();
      resolve(frame);
    };
    const fail = (reason: unknown): void => {
      listening.abort();
      reject(reason);
    };
    const abort = (): void => fail(signal?.reason);
    const look = (): void => {
      if (video.error !== null) fail(unplayable(video.error));
      else if (isOver(video)) end();
    };
    // Nothing is told of a camera whose tracks a program stops.
    const looking = setInterval(look, INTERVAL);
    for (const event of ["ended", "emptied"]) {
      video.addEventListener(event, () => end(), { signal: listening.signal });
    }
    video.addEventListener("error", look, { signal: listening.signal });
    signal?.addEventListener("abort", abort, { signal: listening.signal });
    const cancel = onNextFrame(video, end);
    listening.signal.addEventListener("abort", () => {
      clearInterval(looking);
      cancel();
    });
    if (signal?.aborted) abort();
    else look();
  });
}

function unplayable({ code, message }: MediaError): DataError {
  const what = REASONS.get(code) ?? "it cannot be played";
  const why = message === "" ? "" : ` (${message})`;
  return new DataError(
    "data/unreadable",
    `The video gives no more frames: ${what}${why}. Load it anew, or give another one.`,
  );
}

/** What the codes of a `MediaError` mean. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [1, "it was stopped"],
  [2, "its transfer broke off"],
  [3, "it cannot be decoded"],
  [4, "there is none at its address, or of a kind that this browser cannot play"],
]);

/** How often it is looked whether a camera still runs. Milliseconds. */
const INTERVAL = 250;

function isOver({ ended, srcObject }: HTMLVideoElement): boolean {
  return ended || (srcObject instanceof MediaStream && !srcObject.active);
}

/** Tells the next frame once. @returns Stops waiting for it. */
function onNextFrame(video: HTMLVideoElement, tell: (frame: ShownFrame) => void): () => void {
  if (typeof video.requestVideoFrameCallback === "function") {
    const request = video.requestVideoFrameCallback((_, { mediaTime, presentedFrames }) =>
      tell({ time: mediaTime, count: presentedFrames }),
    );
    return () => video.cancelVideoFrameCallback(request);
  }
  // Browsers without it: a frame is new where the number of frames, or the time, has changed.
  const shown = (): number => video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
  const [count, time] = [shown(), video.currentTime];
  let request = 0;
  const look = (): void => {
    if (shown() === count && video.currentTime === time) request = requestAnimationFrame(look);
    else tell({ time: video.currentTime, count: shown() });
  };
  request = requestAnimationFrame(look);
  return () => cancelAnimationFrame(request);
}
