// Draws what is tuned on: 10 questions of each intent of Banking77, and the pairs of them, once in
// batches at random, as sentence-transformers draws them, and once in those of Engraft, in which the
// texts are about equally long.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { OpenBases } from "@engraft/tasks/internal";
import { sample } from "../../examples/dist/spam-filter/mails.js";
import { contrastSamples } from "../../packages/core/dist/finetune/pair-samples.js";
import { drawPairs } from "../../packages/core/dist/finetune/pairs.js";
import { createTextTokenizer } from "../../packages/core/dist/preprocess/text/text.js";
import { createRandom } from "../../packages/core/dist/random/random.js";
import { shuffledBatches } from "../../packages/core/dist/train/feed/batches.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import { options, readQuestions } from "../lib.mjs";
import { BATCH, SEED } from "./recipe.mjs";

const PER_INTENT = 10;

const { data, work } = options();
const { splits } = await readQuestions(data, "train");
const rows = splits.train.map(({ input, target }) => ({ text: input.text, label: target.label }));
const { drawn } = sample(rows, PER_INTENT, SEED);
const labels = [...new Set(drawn.map(({ label }) => label))];
const texts = drawn.map(({ text }) => text);
const targets = drawn.map(({ label }) => labels.indexOf(label));

const random = createRandom(SEED);
const pairs = drawPairs(Int32Array.from(targets), random.derive("pairs"));
const { count, lengths } = contrastSamples(pairs, await countTokens());
const batches = (known) =>
  shuffledBatches({ count, size: BATCH, dropLast: false, lengths: known }, random, 0).map((batch) =>
    batch.map((pair) => pairs[pair]),
  );
writeFileSync(
  join(work, "contrast.json"),
  JSON.stringify({ texts, targets, shuffled: batches(undefined), grouped: batches(lengths) }),
);

async function countTokens() {
  const platform = createNodeHost();
  const { tokenizer, spec } = await new OpenBases(platform).open("minilm-l6");
  await platform.close();
  const reader = createTextTokenizer(tokenizer, spec.preprocessing);
  return texts.map((text) => reader.encode(text).length);
}
