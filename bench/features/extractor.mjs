// The feature pass alone is inside the library: the compiled files are imported directly.

import { OpenBases } from "@engraft/tasks/internal";
import { allColumns } from "../../packages/core/dist/features/columns.js";
import { createExtractor } from "../../packages/core/dist/features/extractor.js";
import { createNodeHost } from "../../packages/engraft/dist/host/node-host.js";
import { seconds } from "../lib.mjs";

/** Inputs with which every thread has loaded the model and run it once before the clock starts. */
const WARM_UP = 64;

/**
 * Inputs per second from file or string to pooled vector: of the last layer, as the other side
 * computes it, and of all layers, as training does.
 */
export async function measureRates(baseId, inputs) {
  const platform = createNodeHost();
  const base = await new OpenBases(platform).open(baseId);
  const columns = allColumns(base.spec);
  const last = columns.filter(({ pooling }) => pooling !== "max").slice(-1);
  const rates = {};
  let firstVector;
  for (const [name, chosen] of Object.entries({ "last layer": last, "all layers": columns })) {
    const extractor = await createExtractor(base, chosen, platform);
    await run(extractor, inputs.slice(0, WARM_UP));
    let vectors;
    const elapsed = await seconds(async () => {
      vectors = await run(extractor, inputs);
    });
    rates[name] = { engraft: inputs.length / elapsed };
    firstVector ??= vectors[0];
    await extractor.release();
  }
  await platform.close();
  return { rates, firstVector: [...firstVector.subarray(0, 4)] };
}

async function run(extractor, inputs) {
  const vectors = new Array(inputs.length);
  await extractor.run(inputs, {
    features: (position, vector) => {
      vectors[position] = vector;
    },
    unreadable: (_, error) => {
      throw error;
    },
  });
  return vectors;
}
