// From CSV to task with a cold cache, then the accuracy on the test set.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { train } from "engraft";
import { options, readQuestions, report, secondsSinceStart } from "../lib.mjs";

const { data, work, limit } = options();
rmSync(process.env.ENGRAFT_CACHE, { recursive: true, force: true });
const questions = await readQuestions(data, "train", limit);
const task = await train(questions, { output: join(work, "banking77.engraft") });
const elapsed = secondsSinceStart();

const { evaluation, head } = task.manifest;
const figures = await task.evaluate(await readQuestions(data, "test", limit));
await task.close();
report(
  { train: { engraft: elapsed }, accuracy: { stack: figures.accuracy } },
  { method: evaluation.method, outOfFold: evaluation.outOfFold.accuracy, views: head.views },
);
