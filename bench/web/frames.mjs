// A head on 2 x 50 frames of a camera, as canvases of a page.
import { seconds } from "./work.mjs";

const [WIDTH, HEIGHT] = [640, 480];

/**
 * Seconds from the call to the measured task, with ONNX Runtime and the base loaded.
 *
 * @param photos Image files with one of two labels: what the camera sees.
 */
export async function measureFrames(engraft, photos) {
  const frames = [];
  for (const label of new Set(photos.map(([, own]) => own))) {
    const own = photos.filter(([, other]) => other === label).slice(0, 50);
    for (const [photo] of own) frames.push([await frameOf(photo), label]);
  }
  return seconds(async () => {
    const task = await engraft.train(frames, { seed: 1 });
    await task.close();
  });
}

async function frameOf(photo) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  canvas.getContext("2d").drawImage(await createImageBitmap(photo), 0, 0, WIDTH, HEIGHT);
  return canvas;
}
