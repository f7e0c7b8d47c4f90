import { fileOfBytes, readDataset } from "@engraft/data";
import { EngraftError } from "@engraft/onnx";

const SEEDS = [
  'text,label\nwin now,spam\n"see, ""you""\nthere",ham\n',
  "sep=;\r\ntext;label\r\nwin;spam\r\n",
  '{"text":"win now","label":"spam"}\n{"text":"hi","label":1e3}\n',
  '[{"text":"a","label":"x"},{"text":"b","label":12345678901234567890}]',
  '{"columns":["text","label"],"index":[0],"data":[["a","x"]]}',
  '{"text":{"0":"a"},"label":{"0":"x"}}',
];

/** Bytes as CSV and as JSON, in every encoding, as labelled data. */
export const target = {
  seeds: async () => [
    ...SEEDS.map((text) => new TextEncoder().encode(text)),
    Buffer.from(`\ufeff${SEEDS[0]}`, "utf16le"),
  ],
  run: async (bytes) => {
    for (const name of ["data.csv", "data.json", "data.jsonl"]) {
      const options = { skipBad: true, purpose: "evaluate" };
      await readDataset(fileOfBytes(name, bytes), options).catch((error) => {
        if (!(error instanceof EngraftError)) throw error;
      });
    }
  },
  isExpected: (error) => error instanceof EngraftError,
};
