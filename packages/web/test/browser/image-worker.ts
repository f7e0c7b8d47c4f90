/** A worker of a test: it decodes images as the host of a browser does. */
import { orient, readExifOrientation } from "@engraft/core/images";
import { decodeImage } from "../../src/host/image/decode-image.js";
import { headerProblem } from "../../src/host/image/image-size.js";

async function answer(file: Uint8Array): Promise<unknown> {
  const header = headerProblem(file, 1e6);
  try {
    const stored = await decodeImage(file);
    return { stored, upright: orient(stored, readExifOrientation(file)), header };
  } catch (error) {
    return { error: String(error), header };
  }
}

self.addEventListener("message", ({ data }: MessageEvent<Uint8Array>) => {
  void answer(data).then((answered) => self.postMessage(answered));
});
