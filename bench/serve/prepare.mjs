// Trains the task that is served: 10 questions of each intent of Banking77.
import { join } from "node:path";
import { train } from "engraft";
import { sample } from "../../examples/dist/spam-filter/mails.js";
import { options, readQuestions, writeDraw } from "../lib.mjs";

const PER_INTENT = 10;
const SMOKE_PER_INTENT = 3;

const { data, work, limit } = options();
const { splits } = await readQuestions(data, "train");
const rows = splits.train.map(({ input, target }) => ({ text: input.text, label: target.label }));
const { drawn } = sample(rows, limit === undefined ? PER_INTENT : SMOKE_PER_INTENT, 1);
const task = await train(writeDraw(work, "intents", 1, { train: drawn }), {
  output: join(work, "intents.engraft"),
});
await task.close();
