// The feature step of a second training on the same data, as a share of the first. It is stopped
// when its features are there: what follows is the same in both.
import { rmSync } from "node:fs";
import { train } from "engraft";
import { options, readQuestions, report } from "../lib.mjs";

const { data, limit } = options();
rmSync(process.env.ENGRAFT_CACHE, { recursive: true, force: true });
const questions = await readQuestions(data, "train", limit);
const first = await featureSeconds();
const second = await featureSeconds();
report({ share: { engraft: second / first } }, { first, second });

/** Seconds from the start of a training to its last feature; loading the base model counts. */
async function featureSeconds() {
  const stop = new AbortController();
  const started = performance.now();
  let elapsed;
  const onProgress = ({ phase }) => {
    if (phase === "features") elapsed = (performance.now() - started) / 1000;
    else stop.abort();
  };
  await train(questions, { signal: stop.signal, onProgress }).catch((error) => {
    if (!stop.signal.aborted) throw error;
  });
  return elapsed;
}
