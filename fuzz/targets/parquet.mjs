import { mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngraftError } from "@engraft/onnx";
import { readDataset } from "engraft";

const fixture = new URL("../../packages/engraft/test/data-fixtures/mails.parquet", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "engraft-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "data.parquet");

/** Parquet files as labelled data. */
export const target = {
  seeds: async () => [await readFile(fixture)],
  run: async (bytes) => {
    await writeFile(file, bytes);
    await readDataset(file, { skipBad: true, purpose: "evaluate" });
  },
  isExpected: (error) => error instanceof EngraftError,
};
