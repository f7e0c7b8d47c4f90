// The browser side: ONNX Runtime Web on two threads.
import { options, report } from "../lib.mjs";
import { loadPhotos, loadTexts } from "./data.mjs";
import { openPage } from "./page.mjs";

const { data, work } = options();
const photos = loadPhotos(data);
const files = new Map([
  ["/mails.json", JSON.stringify(await loadTexts())],
  ["/labels.json", JSON.stringify(photos.map(([, label]) => label))],
]);
for (const [at, [photo]] of photos.entries()) files.set(`/photos/${at}`, photo);

const { page, close } = await openPage(work, files);
const { measured, info } = await page.evaluate(async () => {
  const load = (address) => import(address);
  const engraft = await load("/index.js");
  const { measureTasks } = await load("/web/work.mjs");
  const { measureFrames } = await load("/web/frames.mjs");
  const { measureSteps } = await load("/web/steps.mjs");
  const [mails, labels] = await Promise.all(
    ["/mails.json", "/labels.json"].map(async (path) => (await fetch(path)).json()),
  );
  const read = async (label, at) => [await (await fetch(`/photos/${at}`)).blob(), label];
  const images = await Promise.all(labels.map(read));
  const instance = engraft.createEngraft();
  const tasks = await measureTasks(instance, mails, images);
  const frames = await measureFrames(instance, images);
  const info = await instance.info();
  await instance.close();
  const steps = await measureSteps(engraft);
  return { measured: { ...tasks, "100 frames": frames, ...steps }, info };
});
await close();
report(
  Object.fromEntries(Object.entries(measured).map(([name, value]) => [name, { wasm: value }])),
  { info },
);
