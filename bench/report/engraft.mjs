// A report on 10,003 examples and 77 labels, from process start: all that it measures and draws. The
// layers of the examples are in the feature cache, as training left them.
import { join } from "node:path";
import { loadTask } from "engraft";
import { options, report, secondsSinceStart } from "../lib.mjs";

const MEGABYTE = 1e6;

const { work } = options();
const task = await loadTask(join(work, "questions.engraft"));
const { html } = await task.report();
const bytes = Buffer.byteLength(html);
report({
  time: { engraft: secondsSinceStart() },
  size: { engraft: bytes / MEGABYTE },
});
