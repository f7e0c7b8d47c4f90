import { readFile } from "node:fs/promises";
import { fileOfBytes, readDataset } from "@engraft/data";
import { EngraftError } from "@engraft/onnx";

const fixture = new URL("../../packages/engraft/test/data-fixtures/mails.parquet", import.meta.url);

/** Parquet files as labelled data. */
export const target = {
  seeds: async () => [await readFile(fixture)],
  run: async (bytes) => {
    const file = fileOfBytes("data.parquet", bytes);
    await readDataset(file, { skipBad: true, purpose: "evaluate" });
  },
  isExpected: (error) => error instanceof EngraftError,
};
