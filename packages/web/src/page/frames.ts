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

/** Waits for a new frame. @returns Undefined where the video ends. */
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
    const abort = (): void => {
      listening.abort();
      reject(signal?.reason);
    };
    // Nothing is told of a camera whose tracks a program stops.
    const looking = setInterval(() => isOver(video) && end(), INTERVAL);
    for (const event of ["ended", "emptied", "error"]) {
      video.addEventListener(event, () => end(), { signal: listening.signal });
    }
    signal?.addEventListener("abort", abort, { signal: listening.signal });
    const cancel = onNextFrame(video, end);
    listening.signal.addEventListener("abort", () => {
      clearInterval(looking);
      cancel();
    });
    if (signal?.aborted) abort();
    else if (isOver(video)) end();
  });
}

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
