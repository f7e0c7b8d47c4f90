// Draws what is tuned on: 10 questions of each intent of Banking77, and the pairs of them in the order
// in which Engraft's recipe contrasts them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sample } from "../../examples/spam-filter/mails.mjs";
import { drawPairs } from "../../packages/core/dist/finetune/pairs.js";
import { createRandom } from "../../packages/core/dist/random/random.js";
import { shuffledBatches } from "../../packages/core/dist/train/batches.js";
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
const shape = { count: pairs.length, size: BATCH, dropLast: false };
const batches = shuffledBatches(shape, random, 0).map((batch) => batch.map((pair) => pairs[pair]));
writeFileSync(join(work, "contrast.json"), JSON.stringify({ texts, targets, batches }));
