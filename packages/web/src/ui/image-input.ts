import { Camera, hasCamera } from "./camera.js";
import { element } from "./dom.js";
import type { Asking } from "./text-input.js";

/** An image that was chosen, and what shows its prediction. */
export interface AskedImages {
  /** Files that were chosen, dropped or pasted. */
  readonly onFiles: (files: readonly File[]) => void;
  /** The camera, live. */
  readonly camera: Asking<HTMLVideoElement>;
}

/** A place to drop images on, a button to choose them, and the camera. */
export function imageInput({ onFiles, camera }: AskedImages): HTMLElement {
  const chooser = element("input", {
    id: "images",
    type: "file",
    accept: "image/*",
    multiple: true,
    class: "chooser",
  });
  chooser.addEventListener("change", () => {
    onFiles([...(chooser.files ?? [])]);
    // The same file may be chosen again.
    chooser.value = "";
  });
  const zone = element(
    "div",
    { class: "zone", part: "drop-zone" },
    chooser,
    element("label", { for: "images", class: "button", part: "button" }, "Choose images"),
    element("p", { class: "note" }, "or drop them here, or paste one"),
  );
  acceptDrops(zone, onFiles);
  acceptPastes(zone, onFiles);
  return element("div", { class: "field" }, zone, hasCamera() ? cameraInput(camera) : undefined);
}

function acceptDrops(zone: HTMLElement, onFiles: AskedImages["onFiles"]): void {
  const mark = (isOver: boolean) => (event: DragEvent) => {
    // Without this, browsers open the file in place of the page.
    event.preventDefault();
    zone.classList.toggle("over", isOver);
  };
  zone.addEventListener("dragover", mark(true));
  zone.addEventListener("dragleave", mark(false));
  zone.addEventListener("drop", (event) => {
    mark(false)(event);
    onFiles([...(event.dataTransfer?.files ?? [])]);
  });
}

/** Pastes count where the focus is in the view, or nowhere. */
function acceptPastes(zone: HTMLElement, onFiles: AskedImages["onFiles"]): void {
  const onPaste = (event: ClipboardEvent): void => {
    if (!zone.isConnected) {
      document.removeEventListener("paste", onPaste);
      return;
    }
    const { host } = zone.getRootNode() as ShadowRoot;
    const isOurs = [host, document.body, null].includes(document.activeElement);
    if (isOurs) onFiles([...(event.clipboardData?.files ?? [])]);
  };
  document.addEventListener("paste", onPaste);
}

function cameraInput(asking: Asking<HTMLVideoElement>): HTMLElement {
  const video = element("video", { muted: true, playsinline: true, part: "video", hidden: true });
  video.muted = true;
  const button = element("button", { type: "button", class: "button", part: "button" });
  const camera = new Camera(video, async () => {
    try {
      const prediction = await asking.ask(video);
      // It may have been stopped in the meantime.
      if (camera.isOn) asking.show(prediction);
    } catch (error) {
      camera.stop();
      asking.fail(error);
    }
  });
  camera.onChange = (isOn) => {
    video.hidden = !isOn;
    button.textContent = isOn ? "Stop the camera" : "Use the camera";
    button.setAttribute("aria-pressed", String(isOn));
    if (!isOn) asking.show(undefined);
  };
  camera.onChange(false);
  button.addEventListener("click", () => {
    if (camera.isOn) camera.stop();
    else camera.start().catch(asking.fail);
  });
  return element("div", { class: "camera", part: "camera" }, button, video);
}
