// Draws of few labels: some rows of each label to train on, 1,200 of the others without their labels
// (or as many as there are; of all questions 10,000), and rows that are in neither to test on.
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createRandom } from "@engraft/core";
import { loadMails, sample } from "../../examples/dist/spam-filter/mails.js";
import {
  every,
  onSomeIntents,
  options,
  readQuestions,
  SEEDS,
  writeDraw,
  writePool,
} from "../lib.mjs";

const POOL = 1200;
const LARGE_POOL = 10_000;
const { data, work, limit } = options();
const mails = (await loadMails()).map(({ text, label }) => ({ text, label }));
const allQuestions = { train: await readRows("train"), test: await readRows("test") };
const [questions, asked] = onSomeIntents(allQuestions.train, allQuestions.test);
const photos = { train: listPhotos("train"), test: listPhotos("val") };

for (const seed of SEEDS) {
  const { drawn: tested, rest } = sample(mails, 350, seed);
  for (const k of [4, 8, 32]) write(`mails, ${k} a label`, k, rest, every(tested, limit), seed);
  for (const k of [2, 4, 8]) {
    write(`questions, ${k} a label`, k, questions, every(asked, limit), seed);
    write(`photos, ${k} a label`, k, photos.train, every(photos.test, limit), seed);
  }
  const { train, test } = allQuestions;
  write("all questions, 10 a label", 10, train, every(test, limit), seed, LARGE_POOL);
}

function write(name, k, rows, test, seed, count = POOL) {
  const { drawn: train, rest } = sample(rows, k, seed);
  const pool = createRandom(seed)
    .derive("pool")
    .shuffle([...rest])
    .slice(0, limit ?? count);
  writeDraw(work, name, seed, { train, test });
  writePool(
    work,
    name,
    seed,
    pool.map(({ text, image }) => ({ text, image })),
  );
}

async function readRows(name) {
  const { splits } = await readQuestions(data, name);
  return splits.train.map(({ input, target }) => ({ text: input.text, label: target.label }));
}

function listPhotos(split) {
  return ["ants", "bees"].flatMap((label) => {
    const folder = resolve(data, "hymenoptera", split, label);
    const names = readdirSync(folder).filter((name) => name.endsWith(".jpg"));
    return names.sort().map((name) => ({ image: join(folder, name), label }));
  });
}
