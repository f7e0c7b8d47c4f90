// Trains ten tasks: each is to tell one random half of Banking77's intents from the other.
import { join } from "node:path";
import { train } from "engraft";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { sample } from "../../examples/dist/spam-filter/mails.js";
import { options, readQuestions, writeDraw } from "../lib.mjs";

const TASKS = 10;
const PER_CLASS = 20;

const { data, work } = options();
const { splits } = await readQuestions(data, "train");
const intents = [...new Set(splits.train.map(({ target }) => target.label))];
for (let seed = 1; seed <= TASKS; seed++) {
  const random = xoroshiro128plus(seed);
  const half = new Set(intents.filter(() => uniformInt(random, 0, 1) === 1));
  const rows = splits.train.map(({ input, target }) => ({
    text: input.text,
    label: half.has(target.label) ? "one half" : "other half",
  }));
  const folder = writeDraw(work, "halves", seed, { train: sample(rows, PER_CLASS, seed).drawn });
  const task = await train(folder, { output: join(work, `half-${seed}.engraft`) });
  await task.close();
}
