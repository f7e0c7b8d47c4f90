// JPEG photos in Chromium and in Node: a task that Node has trained, and the features of its base.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as engraft from "engraft";
import { options, report } from "../lib.mjs";
import { loadPhotos } from "./data.mjs";
import { openPage } from "./page.mjs";

const TRAINED = 40;
const PREDICTED = 200;

const { data, work, limit } = options();
const all = loadPhotos(data, TRAINED + PREDICTED);
const photos = all.slice(TRAINED, limit === undefined ? undefined : TRAINED + limit);
const given = photos.map(([photo]) => photo);
const place = join(work, "photos.engraft.zip");

const task = await engraft.train(all.slice(0, TRAINED), { seed: 1, output: place });
const answers = await task.predict(given);
const base = await engraft.loadModel("efficientnet-lite0");
const features = await engraft.predict(base.cut("features"), given);

const files = new Map([["/photos.engraft.zip", readFileSync(place)]]);
for (const [at, photo] of given.entries()) files.set(`/photos/${at}`, photo);
const { page, close } = await openPage(work, files);
const found = await page.evaluate(async (count) => {
  const load = (address) => import(address);
  const { loadModel, loadTask, predict } = await load("/index.js");
  const read = async (at) => (await fetch(`/photos/${at}`)).blob();
  const blobs = await Promise.all(Array.from({ length: count }, (_, at) => read(at)));
  const task = await loadTask("/photos.engraft.zip");
  const answers = await task.predict(blobs);
  const base = await loadModel("efficientnet-lite0");
  const { data } = await predict(await base.cut("features"), blobs);
  return {
    answers: answers.map(({ label, probability }) => ({ label, probability })),
    features: Array.from(data),
  };
}, given.length);
await close();
await task.close();

/** Length of a difference, relative to that of what Node has, for each photo. */
const width = features.data.length / given.length;
const differences = given.map((_, row) => {
  let [square, whole] = [0, 0];
  for (let at = row * width; at < (row + 1) * width; at++) {
    square += (found.features[at] - features.data[at]) ** 2;
    whole += features.data[at] ** 2;
  }
  return Math.sqrt(square / whole);
});
const other = answers.filter(({ label }, at) => label !== found.answers[at].label);
const moved = answers.map(({ label, probability }, at) => {
  const { label: theirs, probability: their } = found.answers[at];
  return Math.abs(probability - (label === theirs ? their : 1 - their));
});
const sorted = differences.toSorted((a, b) => a - b);
report(
  {
    "photo labels": { wasm: other.length },
    "photo features": { wasm: sorted.at(-1) },
    "photo probabilities": { wasm: Math.max(...moved) },
  },
  { photos: given.length, medianFeatures: sorted[given.length >> 1] },
);
