// What learning from unlabelled examples takes on top of the features, the nested figures included; and
// what the largest number of them takes, in time and memory, on features that are drawn.
import { createRandom } from "@engraft/core";
import { OpenBases } from "@engraft/tasks/internal";
import { train } from "engraft";
import { loadMails, sample } from "../../examples/dist/spam-filter/mails.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import { options, readQuestions, report } from "../lib.mjs";
import { measureLargePool } from "./large-pool.mjs";

const { data, limit } = options();
const cases = {};
const details = {};

const mails = (await loadMails()).map(({ text, label }) => ({ text, label }));
await measure("64 mails", mails, 32, 3000);
const questions = await readRows("train");
await measure("770 questions", [...questions, ...(await readRows("test"))], 10, 10_000);
const platform = createNodeHost();
const { spec } = await new OpenBases(platform).open("minilm-l6");
const large = await measureLargePool(spec, platform.linearAlgebra, limit ? 10 * limit : 100_000);
await platform.close();
cases["100,000 drawn rows"] = { engraft: large.readSeconds };
cases["100,000 drawn rows, one fit"] = { engraft: large.fitSeconds };
cases["100,000 drawn rows, memory"] = { engraft: large.megabytes };
details.large = large;
report(cases, details);

/** Seconds from the last feature to the trained task. */
async function measure(name, rows, perLabel, count) {
  const { drawn, rest } = sample(rows, perLabel, 1);
  const pool = createRandom(1)
    .shuffle([...rest])
    .slice(0, limit ?? count);
  let started;
  const onProgress = ({ phase }) => {
    if (phase === "features") started = performance.now();
  };
  const unlabelled = pool.map(({ text }) => text);
  const task = await train(drawn, { seed: 1, unlabelled, onProgress });
  cases[name] = { engraft: (performance.now() - started) / 1000 };
  details[name] = { labels: drawn.length, ...task.manifest.unlabelled };
  await task.close();
}

async function readRows(name) {
  const { splits } = await readQuestions(data, name);
  return splits.train.map(({ input, target }) => ({ text: input.text, label: target.label }));
}
