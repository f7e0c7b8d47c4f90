// More requests than a server can answer: they arrive at three times the rate that it was measured
// to take.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { options, readQuestions, report, seconds } from "../lib.mjs";
import { Arrivals } from "./arrivals.mjs";
import { Connection, predictRequest } from "./connection.mjs";
import { loadServer, quantile } from "./load.mjs";
import { residentMegabytes, startServer } from "./server.mjs";

const OVERLOAD = 3;
/** Seconds of the overload, and after how many of them the memory counts as settled. */
const LOAD = 60;
const SETTLED = 10;
/** Seconds in which the capacity is measured, after as many to warm up, and of the rest at the end. */
const CALM = 5;
const CLIENTS = 64;
/** Seconds after which a request counts as hung; the server itself gives up after 30. */
const PATIENCE = 40;

const { data, work, limit: load = LOAD } = options();
const scale = Math.min(1, load / LOAD);
const { splits } = await readQuestions(data, "test");
const server = await startServer(join(work, "intents.engraft"));
try {
  const requests = splits.train.map(({ input }) =>
    predictRequest(server.url, "intents", [input.text]),
  );
  const idle = residentMegabytes(server.pid);
  const capacity = await measureCapacity(requests);
  const arrivals = new Arrivals(server.url, requests, OVERLOAD * capacity);
  const settling = sleep(1000 * SETTLED * scale).then(() => residentMegabytes(server.pid));
  await arrivals.run(load);
  const loaded = residentMegabytes(server.pid);
  const [recovery, drained] = await Promise.all([
    secondsToAnswer(requests[0]),
    seconds(() => arrivals.drain(PATIENCE)),
  ]);
  const settled = await settling;
  await sleep(1000 * CALM * scale);
  const after = residentMegabytes(server.pid);
  const { answered, refused, wrong, sent, underWay: hung, connections } = arrivals;
  report(
    {
      unanswered: { engraft: wrong.length + hung },
      growth: { engraft: loaded / settled },
      recovery: { engraft: recovery },
    },
    {
      capacity,
      ...{ sent, answered: answered.length, refused, hung, connections, drained },
      wrong: countEach(wrong),
      answeredPerSecond: answered.length / (load + drained),
      latency: { p50: quantile(answered, 0.5), p99: quantile(answered, 0.99) },
      resident: { idle, settled, loaded, after },
    },
  );
} finally {
  await server.stop();
}

/** Requests a second that the server answers when clients wait for it. */
async function measureCapacity(requests) {
  const run = () =>
    loadServer(server.url, requests, { clients: CLIENTS, seconds: Math.max(1, CALM * scale) });
  await run();
  const { milliseconds, seconds: elapsed } = await run();
  return milliseconds.length / elapsed;
}

/** Seconds until a client that comes now and asks again when it is refused has its answer. */
function secondsToAnswer(request) {
  return seconds(async () => {
    const connection = new Connection(server.url);
    while ((await connection.send(request)).status !== 200) await sleep(20);
    connection.close();
  });
}

function countEach(values) {
  const counts = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
