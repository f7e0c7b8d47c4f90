/** Frames are taken so far apart: those that follow one another look the same. Milliseconds. */
const PAUSE = 100;
/** Longer sides are halved and more: the base model looks at 224 pixels. */
const SIDE = 320;

/** Takes frames of a video for as long as a button is held, by pointer or by keyboard. */
export function recordFrames(
  button: HTMLButtonElement,
  video: HTMLVideoElement,
  onFrame: (frame: ImageBitmap) => void,
): void {
  let isHeld = false;
  const hold = async (): Promise<void> => {
    if (isHeld) return;
    isHeld = true;
    while (isHeld) {
      onFrame(await frameOf(video));
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  };
  const letGo = (): void => {
    isHeld = false;
  };
  const isKey = ({ key }: KeyboardEvent): boolean => key === " " || key === "Enter";
  button.addEventListener("pointerdown", () => void hold());
  button.addEventListener("keydown", (event) => void (isKey(event) && hold()));
  for (const event of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) {
    button.addEventListener(event, letGo);
  }
}

function frameOf(video: HTMLVideoElement): Promise<ImageBitmap> {
  const { videoWidth: width, videoHeight: height } = video;
  const scale = Math.min(1, SIDE / Math.max(width, height));
  return createImageBitmap(video, {
    resizeWidth: Math.round(width * scale),
    resizeHeight: Math.round(height * scale),
    resizeQuality: "high",
  });
}
