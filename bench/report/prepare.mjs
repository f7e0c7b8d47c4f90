// The task of the report: all 10,003 questions of Banking77.
import { join } from "node:path";
import { train } from "engraft";
import { options, readQuestions } from "../lib.mjs";

const { data, work, limit } = options();
const questions = await readQuestions(data, "train", limit);
const task = await train(questions, { output: join(work, "questions.engraft") });
await task.close();
