/** Whether there may be a camera: browsers give none to pages that come over plain http. */
export function hasCamera(): boolean {
  return navigator.mediaDevices?.getUserMedia !== undefined;
}

/** The camera of the machine in a video element, frame by frame. */
export class Camera {
  /** Told when it starts and stops. */
  onChange: (isOn: boolean) => void = () => {};
  readonly #video: HTMLVideoElement;
  readonly #onFrame: () => Promise<void>;
  #stream: MediaStream | undefined;
  /** Counts starts, so that what belongs to an earlier one ends. */
  #run = 0;

  /** @param onFrame - Works on the frame that the video shows; the next waits until it is done. */
  constructor(video: HTMLVideoElement, onFrame: () => Promise<void>) {
    this.#video = video;
    this.#onFrame = onFrame;
  }

  get isOn(): boolean {
    return this.#stream !== undefined;
  }

  /** @throws Error with what the user can do, when there is no camera or it is not allowed. */
  async start(): Promise<void> {
    const run = ++this.#run;
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `The camera cannot be used (${reason}). Let this page use it, and try again.`;
      throw new Error(message, { cause });
    }
    if (run !== this.#run) {
      for (const track of stream.getTracks()) track.stop();
      return;
    }
    this.#stream = stream;
    this.#video.srcObject = stream;
    this.onChange(true);
    await this.#video.play();
    void this.#watch(run);
  }

  stop(): void {
    this.#run += 1;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.#video.srcObject = null;
    this.onChange(false);
  }

  async #watch(run: number): Promise<void> {
    while (run === this.#run) {
      await nextFrame(this.#video);
      // A view that was removed from its page needs no camera.
      if (!this.#video.isConnected) this.stop();
      else if (run === this.#run) await this.#onFrame();
    }
  }
}

/** Resolves when a video shows its next frame. */
function nextFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    // A stopped or removed video shows no more frames, which must not be waited for.
    const timer = setTimeout(resolve, LONGEST_WAIT);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    if (video.requestVideoFrameCallback !== undefined) video.requestVideoFrameCallback(done);
    else requestAnimationFrame(done);
  });
}

/** Milliseconds. */
const LONGEST_WAIT = 1000;
