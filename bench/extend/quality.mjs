// Tasks that were extended with the settings of their training, against training on all examples: on
// the test set of Banking77, and what each says of itself out of fold.
import { join } from "node:path";
import { train } from "engraft";
import { sample } from "../../examples/dist/spam-filter/mails.js";
import { options, readQuestions, report, SEEDS } from "../lib.mjs";

const { data, work, limit } = options();
const questions = await readRows("train");
const unseen = await readRows("test", limit);
const labels = labelsOf(unseen);

const cases = {};
const details = [];
await measure("10 classes, 500 and 50 more", labels.slice(0, 10), 50, 5);
await measure("77 classes, 1,925 and 154 more", labels, 25, 2);
report(cases, { draws: details });

/** Trains on `some` questions of each label, extends by `more` of each, and trains on both. */
async function measure(name, chosen, some, more) {
  const ofThese = (rows) => rows.filter(({ label }) => chosen.includes(label));
  const test = datasetOf(ofThese(unseen));
  for (const seed of SEEDS) {
    const { drawn: old, rest } = sample(ofThese(questions), some, seed);
    const { drawn: added } = sample(rest, more, seed);
    const output = join(work, `${name}, ${seed}.engraft`);
    const before = await train(datasetOf(old), { output, seed });
    const extended = await before.extend(datasetOf(added), { output });
    const { searched } = extended.extension;
    await before.close();
    const whole = await train(datasetOf([...old, ...added]), { seed });
    for (const [method, task] of Object.entries({ extended, whole })) {
      const { accuracy } = await task.evaluate(test);
      const outOfFold = task.manifest.evaluation.outOfFold.accuracy;
      await task.close();
      collect(`${name}, ${method}`, accuracy);
      collect(`${name}, ${method}, out of fold less test`, outOfFold - accuracy);
      details.push({ name, seed, method, searched, accuracy, outOfFold });
    }
  }
}

function collect(name, figure) {
  cases[name] ??= { engraft: [] };
  cases[name].engraft.push(figure);
}

function datasetOf(rows) {
  const train = rows.map(({ text, label }, row) => ({
    source: `row ${row + 1}`,
    input: { kind: "text", text },
    target: { kind: "single", label },
  }));
  return { modality: "text", labels: labelsOf(rows), splits: { train }, skipped: [] };
}

function labelsOf(rows) {
  return [...new Set(rows.map(({ label }) => label))].sort((a, b) => (a < b ? -1 : 1));
}

async function readRows(name, count) {
  const { splits } = await readQuestions(data, name, count);
  return splits.train.map(({ input, target }) => ({ text: input.text, label: target.label }));
}
