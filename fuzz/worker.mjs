// The thread that fuzzes one target. It reports through shared memory, so that whoever watches it
// knows the input even where the thread never comes back.
import { parentPort, workerData } from "node:worker_threads";
import { Coverage } from "./coverage.mjs";
import { createDraw, mutate } from "./mutate.mjs";

/** Inputs that run between two looks at the coverage, which take a while. */
const BATCH = 32;
const LARGEST_CORPUS = 2000;

const { name, seed, started, memory } = workerData;
const current = new Uint8Array(workerData.current);
const counters = new Float64Array(workerData.counters);
const { target } = await import(`./targets/${name}.mjs`);
const corpus = [...(await target.seeds()), ...workerData.corpus];
const draw = createDraw(seed);
const coverage = new Coverage();

// After a restart the corpus is known, and may hold the input that ended the thread before.
if (!started) for (const input of corpus) await run(input);
coverage.takeNew();
for (;;) {
  const batch = Array.from({ length: BATCH }, () =>
    mutate(draw.pick(corpus), draw.pick(corpus), draw),
  );
  for (const input of batch) await run(input);
  if (coverage.takeNew()) keep(batch);
}

/** One of a batch reached new code: all are kept, the oldest mutants make place. */
function keep(batch) {
  corpus.push(...batch);
  const own = corpus.length - LARGEST_CORPUS;
  if (own > 0) corpus.splice(draw.below(LARGEST_CORPUS / 2), own);
  counters[3] = coverage.size;
}

async function run(input) {
  current.set(input);
  counters[1] = input.length;
  counters[2] = Date.now();
  try {
    await target.run(input);
  } catch (error) {
    if (!target.isExpected(error)) report(input, error?.stack ?? String(error));
  }
  counters[0] += 1;
  const { rss } = process.memoryUsage();
  if (rss > memory) report(input, `memory: ${Math.round(rss / 1e6)} MB`);
}

function report(input, what) {
  parentPort.postMessage({ input: Uint8Array.from(input), what });
}
