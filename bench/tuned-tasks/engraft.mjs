// One frozen task and three tuned ones that share the frozen layers, against the same tasks each with
// a base of its own.
import { join } from "node:path";
import { options, readQuestions, report } from "../lib.mjs";
import { compareServers } from "../serve/compare.mjs";

const BATCHES = 30;

const { data, work, limit: batches = BATCHES } = options();
const { splits } = await readQuestions(data, "test");
const texts = splits.train.map(({ input }) => input.text);
const tasks = (kind) =>
  ["frozen", ...[1, 2, 3].map((number) => `${kind}-${number}`)].map((name) =>
    join(work, `${name}.engraft`),
  );

const [shared, apart] = await compareServers([tasks("top"), tasks("all")], texts, batches);
report(
  {
    time: { engraft: shared.milliseconds / apart.milliseconds },
    memory: { engraft: shared.resident / apart.resident },
  },
  { shared, apart },
);
