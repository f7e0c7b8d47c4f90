// Seconds of the updates of a contrastive tuning of all of MiniLM.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OpenBases } from "@engraft/tasks/internal";
import { fineTuneConfig } from "../../packages/core/dist/finetune/config.js";
import { tuneBase } from "../../packages/core/dist/finetune/tune.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import { options, report } from "../lib.mjs";
import { BATCH, SEED, STEPS, WARM_UP } from "./recipe.mjs";

const { work, limit: steps = STEPS } = options();
const { texts, targets } = JSON.parse(readFileSync(join(work, "contrast.json"), "utf8"));
const inputs = texts.map((text) => ({ kind: "text", text }));
const stop = new AbortController();
const ends = [];
const losses = [];

const platform = createNodeHost();
const started = performance.now();
await tuneBase(
  await new OpenBases(platform).open("minilm-l6"),
  { inputs, targets: Int32Array.from(targets) },
  // The contrast has no head, and asks for no probe to start one from.
  undefined,
  fineTuneConfig({ batchSize: BATCH }, "text"),
  platform,
  { seed: SEED, signal: stop.signal, onEvent },
).catch((error) => {
  if (!stop.signal.aborted) throw error;
});
await platform.close();
const seconds = (ends[WARM_UP + steps - 1] - ends[WARM_UP - 1]) / 1000;
report(
  { time: { engraft: seconds }, "same batches": { engraft: seconds } },
  { steps, losses, secondsToFirstUpdate: (ends[0] - started) / 1000 },
);

function onEvent({ type, loss }) {
  if (type !== "step") return;
  ends.push(performance.now());
  losses.push(loss);
  if (ends.length === WARM_UP + steps) stop.abort();
}
