// The demo: a spam filter from 64 labelled mails, measured on 1,000 and more that it has not seen.
//
//     npm run demo
//
// Everything here is the public library; `train` and `predict` are all that is needed.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { train } from "engraft";
import { loadMails, sample } from "./mails.mjs";

const PER_LABEL = 32;
const SEED = 1;
const TESTED = 1064;
const TASK = fileURLToPath(new URL("spam.engraft", import.meta.url));
const CSV = fileURLToPath(new URL("mails.csv", import.meta.url));

const MESSAGE = `Congratulations! You have been selected for a FREE holiday.
Click here now to claim your prize, this offer ends tonight!`;

const startedAt = Date.now();
const mails = await loadMails();
const { drawn, rest } = sample(mails, PER_LABEL, SEED);
const { drawn: tested } = sample(rest, TESTED / 2, SEED);
console.log(
  `SpamAssassin corpus: ${mails.length} mails. Learning from ${drawn.length}, testing on ${tested.length} others.\n`,
);

// A data set can also be read from files: train("mails.csv"). This is the same thing in memory.
const examples = (list) =>
  list.map(({ text, label, source }) => ({
    source,
    input: { kind: "text", text },
    target: { kind: "single", label },
  }));
const task = await train(
  {
    modality: "text",
    labels: ["ham", "spam"],
    splits: { train: examples(drawn), test: examples(tested) },
    skipped: [],
  },
  { output: TASK, onProgress: progress },
);
writeFileSync(CSV, toCsv(drawn));

const { evaluation, head } = task.manifest;
console.log(`On ${evaluation.test.n} mails that it has never seen (accuracy, 95 % interval):`);
show("this task", evaluation.test);
console.log(
  `\nOut of fold on the ${drawn.length} training mails, beside what is without transfer:`,
);
show("this task", evaluation.outOfFold);
for (const [name, figures] of Object.entries(evaluation.baselines)) show(name, figures);
