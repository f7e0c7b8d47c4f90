// Two servers that answer the same batches by turns: the time of a batch, and the memory of each.
import { createClient } from "@engraft/client";
import { quantile } from "./load.mjs";
import { residentMegabytes, startServer } from "./server.mjs";

const BATCH = 64;
const WARM_UP = 5;

/**
 * Median milliseconds of a batch that all tasks of a server answer, and its resident megabytes.
 *
 * @param folders - Task folders of each of the two servers.
 */
export async function compareServers(folders, texts, batches) {
  const sides = [];
  try {
    for (const tasks of folders) sides.push(await openSide(tasks));
    for (let count = 0; count < WARM_UP + batches; count++) {
      const inputs = texts.slice(count * BATCH, (count + 1) * BATCH);
      // Whoever comes second finds a busier machine, so both come first equally often.
      for (const side of count % 2 === 0 ? sides : sides.toReversed()) {
        const started = performance.now();
        const { length } = await side.client.predictAll(inputs);
        if (length !== side.tasks) throw new Error(`${length} of ${side.tasks} tasks answered.`);
        if (count >= WARM_UP) side.milliseconds.push(performance.now() - started);
      }
    }
    return sides.map(({ milliseconds, pid }) => ({
      milliseconds: quantile(milliseconds, 0.5),
      resident: residentMegabytes(pid),
    }));
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
  }
}

async function openSide(tasks) {
  const server = await startServer(...tasks);
  const client = createClient({ url: server.url });
  return { ...server, client, tasks: tasks.length, milliseconds: [] };
}
