import { mkdir, open } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { metricsLine, tensorBoardHeader, tensorBoardRecords } from "@engraft/core/internal";
import type { TrainingLog } from "@engraft/tasks/predict";

/**
 * Opens `metrics.jsonl` and a TensorBoard event file in a folder. A run that goes on from a
 * checkpoint appends to the first and begins a second one of the other, as TensorBoard expects.
 */
export async function openTrainingLog(folder: string): Promise<TrainingLog> {
  await mkdir(folder, { recursive: true });
  const now = (): number => Date.now() / 1000;
  const metrics = await open(join(folder, "metrics.jsonl"), "a");
  const name = `events.out.tfevents.${Math.floor(now())}.${hostname()}.${process.pid}`;
  const board = await open(join(folder, name), "a");
  let last: Promise<unknown> = board.write(tensorBoardHeader(now()));
  return {
    write(event) {
      const records = tensorBoardRecords(event, now());
      // One after the other: the order of the events is that of the file.
      last = last.then(() =>
        Promise.all([metrics.write(metricsLine(event)), board.write(records)]),
      );
    },
    async close() {
      try {
        await last;
      } finally {
        await metrics.close();
        await board.close();
      }
    },
  };
}
