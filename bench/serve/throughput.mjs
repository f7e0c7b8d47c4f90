// 64 clients that send single questions, against the same questions in batches without a server.
import { join } from "node:path";
import { loadTask } from "engraft";
import { options, readQuestions, report } from "../lib.mjs";
import { predictRequest } from "./connection.mjs";
import { loadServer, quantile } from "./load.mjs";
import { readBatches, startServer } from "./server.mjs";

const CLIENTS = 64;
/** Seconds of each part; offline is measured before the server and after it. */
const WARM_UP = 3;
const LOAD = 20;
const OFFLINE = 6;
/** What the clients could fill at best; the server's largest batch, too. */
const BATCH = 64;

const { data, work, limit: load = LOAD } = options();
const scale = load / LOAD;
const folder = join(work, "intents.engraft");
const { splits } = await readQuestions(data, "test");
const texts = splits.train.map(({ input }) => input.text);

const task = await loadTask(folder);
await task.predict(texts.slice(0, BATCH));
const before = await offline();
const served = await serveLoad();
const after = await offline();
const batchMilliseconds = await medianBatch(Math.max(1, Math.round(served.batchSize)));
await task.close();

const offlineRate = (before.batches + after.batches) / 2;
const p99 = quantile(served.milliseconds, 0.99);
report(
  {
    throughput: { engraft: served.rate / offlineRate },
    p99: { engraft: p99 / batchMilliseconds },
    errors: { engraft: served.errors },
  },
  {
    requestsPerSecond: served.rate,
    offline: { before, after },
    requests: served.milliseconds.length,
    p50: quantile(served.milliseconds, 0.5),
    p99,
    meanBatch: served.batchSize,
    batchMilliseconds,
    servedBatchMilliseconds: served.batchMilliseconds,
    clientShareOfCore: served.clientShare,
  },
);

/** Questions a second: in calls of one batch each, and as one stream of all. */
async function offline() {
  return {
    batches: await rateOf(predictBatches),
    stream: await rateOf(predictStream),
  };
}

async function rateOf(work) {
  const started = performance.now();
  const end = started + (1000 * OFFLINE * scale) / 2;
  const count = await work(() => performance.now() < end);
  return count / ((performance.now() - started) / 1000);
}

async function predictBatches(goesOn) {
  let count = 0;
  for (; goesOn(); count += BATCH) await task.predict(batchAt(count, BATCH));
  return count;
}

async function predictStream(goesOn) {
  let count = 0;
  for await (const _ of task.predictStream(endless(goesOn))) count++;
  return count;
}

function* endless(goesOn) {
  for (let index = 0; goesOn(); index++) {
    const text = texts[index % texts.length];
    yield { source: text, input: { kind: "text", text } };
  }
}

function batchAt(start, size) {
  return Array.from({ length: size }, (_, index) => texts[(start + index) % texts.length]);
}

async function serveLoad() {
  const server = await startServer(folder);
  try {
    const requests = texts.map((text) => predictRequest(server.url, "intents", [text]));
    const run = (seconds) => loadServer(server.url, requests, { clients: CLIENTS, seconds });
    await run(WARM_UP * scale);
    const { batches, inputs, seconds } = await readBatches(server.url);
    const loaded = await run(load);
    const end = await readBatches(server.url);
    return {
      ...loaded,
      rate: loaded.milliseconds.length / loaded.seconds,
      batchSize: (end.inputs - inputs) / (end.batches - batches),
      batchMilliseconds: (1000 * (end.seconds - seconds)) / (end.batches - batches),
    };
  } finally {
    await server.stop();
  }
}

/** Milliseconds of one batch without a server, the median over different texts. */
async function medianBatch(size) {
  const times = [];
  for (let count = 0; count < 30; count++) {
    const started = performance.now();
    await task.predict(batchAt(count * size, size));
    times.push(performance.now() - started);
  }
  return quantile(times, 0.5);
}
