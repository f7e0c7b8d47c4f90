// One question at a time, by turns: of an idle server, of the library, and by a bare run of the
// exported task on the same tokens.
import { join } from "node:path";
import { loadTask } from "engraft";
import { options, readQuestions, report } from "../lib.mjs";
import { openBare } from "./bare.mjs";
import { Connection, predictRequest } from "./connection.mjs";
import { quantile } from "./load.mjs";
import { startServer } from "./server.mjs";

/** Questions of each side that follow each other, and how often the sides take turns. */
const TURN = 20;
const TURNS = 20;
const WARM_UP = 2;

const { data, work, limit: turns = TURNS } = options();
const folder = join(work, "intents.engraft");
const { splits } = await readQuestions(data, "test");
const texts = splits.train.map(({ input }) => input.text);

const task = await loadTask(folder);
const { sessions, toFeeds } = await openBare(folder, task.manifest, join(work, "exported"), [1, 2]);
const [oneThread, twoThreads] = sessions;
const server = await startServer(folder);
const connection = new Connection(server.url);
// Each side as what is made ready for a text, and what is timed.
const sides = {
  server: [
    (text) => predictRequest(server.url, "intents", [text]),
    (request) => connection.send(request),
  ],
  library: [(text) => [text], (inputs) => task.predict(inputs)],
  "bare, one thread": [toFeeds, (feeds) => oneThread.run(feeds)],
  "bare, two threads": [toFeeds, (feeds) => twoThreads.run(feeds)],
};
try {
  const milliseconds = await takeTurns();
  const quantiles = (share) =>
    Object.fromEntries(
      Object.entries(milliseconds).map(([side, values]) => [side, quantile(values, share)]),
    );
  const p50 = quantiles(0.5);
  const bare = Math.min(p50["bare, one thread"], p50["bare, two threads"]);
  report(
    {
      "over bare": { engraft: p50.server - bare },
      "over bare, one thread": { engraft: p50.server - p50["bare, one thread"] },
      "over library": { engraft: p50.server - p50.library },
    },
    { p50, p99: quantiles(0.99) },
  );
} finally {
  connection.close();
  await server.stop();
  await task.close();
}

/** Milliseconds of every call of every side. */
async function takeTurns() {
  const times = Object.fromEntries(Object.keys(sides).map((side) => [side, []]));
  for (let turn = 0; turn < turns + WARM_UP; turn++) {
    const chosen = texts.slice(turn * TURN, (turn + 1) * TURN);
    for (const [side, [prepare, run]] of Object.entries(sides)) {
      for (const ready of chosen.map(prepare)) {
        const started = performance.now();
        await run(ready);
        if (turn >= WARM_UP) times[side].push(performance.now() - started);
      }
    }
  }
  return times;
}
