// A batch answered by ten tasks on one base against the same batch answered by one of them.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { options, readQuestions, report } from "../lib.mjs";
import { compareServers } from "../serve/compare.mjs";

const BATCHES = 40;

const { data, work, limit: batches = BATCHES } = options();
const { splits } = await readQuestions(data, "test");
const texts = splits.train.map(({ input }) => input.text);
const folders = readdirSync(work)
  .filter((name) => name.endsWith(".engraft"))
  .map((name) => join(work, name));

const [one, ten] = await compareServers([folders.slice(0, 1), folders], texts, batches);
report(
  {
    time: { engraft: ten.milliseconds / one.milliseconds },
    memory: { engraft: ten.resident / one.resident },
  },
  { one, ten },
);
