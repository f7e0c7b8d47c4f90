// Draws by the protocol of the demo: 32 mails of each label to train on, and of the others 520 of
// each to test on.
import { loadMails, sample } from "../../examples/dist/spam-filter/mails.js";
import { options, SEEDS, writeDraw } from "../lib.mjs";

const { work, limit = 1040 } = options();
const mails = (await loadMails()).map(({ text, label }) => ({ text, label }));
for (const seed of SEEDS) {
  const { drawn: train, rest } = sample(mails, 32, seed);
  const { drawn: test } = sample(rest, Math.ceil(limit / 2), seed);
  writeDraw(work, "64 mails", seed, { train, test });
}
