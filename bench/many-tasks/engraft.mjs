// A batch answered by ten tasks on one base against the same batch answered by one of them: the time
// by turns, each in a server of its own, and the memory of both servers.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "engraft/client";
import { options, readQuestions, report } from "../lib.mjs";
import { quantile } from "../serve/load.mjs";
import { residentMegabytes, startServer } from "../serve/server.mjs";

const BATCH = 64;
const BATCHES = 40;
const WARM_UP = 5;

const { data, work, limit: batches = BATCHES } = options();
const { splits } = await readQuestions(data, "test");
const texts = splits.train.map(({ input }) => input.text);
const folders = readdirSync(work)
  .filter((name) => name.endsWith(".engraft"))
  .map((name) => join(work, name));

const one = await openSide(folders.slice(0, 1));
const ten = await openSide(folders);
try {
  for (let count = 0; count < WARM_UP + batches; count++) {
    const inputs = texts.slice(count * BATCH, (count + 1) * BATCH);
    // Whoever comes second finds a busier machine, so both come first equally often.
    for (const side of count % 2 === 0 ? [one, ten] : [ten, one]) {
      const started = performance.now();
      const { length } = await side.client.predictAll(inputs);
      if (length !== side.tasks) throw new Error(`${length} of ${side.tasks} tasks answered.`);
      if (count >= WARM_UP) side.milliseconds.push(performance.now() - started);
    }
  }
  const figures = [one, ten].map(({ milliseconds, pid }) => ({
    milliseconds: quantile(milliseconds, 0.5),
    resident: residentMegabytes(pid),
  }));
  const ratio = (figure) => ({ engraft: figures[1][figure] / figures[0][figure] });
  report(
    { time: ratio("milliseconds"), memory: ratio("resident") },
    { one: figures[0], ten: figures[1] },
  );
} finally {
  await Promise.all([one.stop(), ten.stop()]);
}

async function openSide(tasks) {
  const server = await startServer(...tasks);
  const client = createClient({ url: server.url });
  return { ...server, client, tasks: tasks.length, milliseconds: [] };
}
