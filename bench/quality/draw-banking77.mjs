// Draws of Banking77: 10 questions of each of the 77 intents to train on, the whole test set to test
// on.
import { sample } from "../../examples/dist/spam-filter/mails.js";
import { options, readQuestions, SEEDS, writeDraw } from "../lib.mjs";

const { data, work, limit } = options();
const train = await readRows("train");
const test = await readRows("test", limit);
for (const seed of SEEDS) {
  writeDraw(work, "10 a class", seed, { train: sample(train, 10, seed).drawn, test });
}

async function readRows(name, count) {
  const { splits } = await readQuestions(data, name, count);
  return splits.train.map(({ input, target }) => ({ text: input.text, label: target.label }));
}
