// A task as one ONNX model, and what it is fed for a text: what a bare call of the runtime takes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadTask } from "engraft";
import * as ort from "onnxruntime-node";
import { textFeeds } from "../../packages/core/dist/features/text-pass.js";
import { transformTfidf } from "../../packages/core/dist/heads/words/tfidf.js";
import { createTextTokenizer, padBatch } from "../../packages/core/dist/preprocess/text/text.js";
import { parseVocabulary } from "../../packages/tasks/dist/format/files/vocabulary.js";

/** The inputs of MiniLM. */
const INPUTS = { ids: "ids", mask: "mask" };

/** Exports a task to a folder, and opens it with some numbers of threads. */
export async function openBare(task, manifest, output, threads) {
  const loaded = await loadTask(task);
  await loaded.export(output);
  await loaded.close();
  const sessions = await Promise.all(
    threads.map((intraOpNumThreads) =>
      ort.InferenceSession.create(join(output, "model.onnx"), { intraOpNumThreads }),
    ),
  );
  return { sessions, toFeeds: feedMaker(output, manifest, sessions[0].inputNames) };
}

function feedMaker(folder, { preprocessing }, inputNames) {
  const read = (name) => readFileSync(join(folder, name));
  const tokenizer = createTextTokenizer(JSON.parse(read("tokenizer.json")), preprocessing);
  const vocabulary = inputNames.includes("words") && parseVocabulary(read("vocabulary.json"));
  return (text) => {
    const tokens = textFeeds(INPUTS, padBatch([tokenizer.encode(text)], preprocessing.padTokenId));
    const words = vocabulary ? [["words", wordsOf(vocabulary, text)]] : [];
    return Object.fromEntries(
      [...tokens, ...words].map(([name, { dtype, data, dims }]) => [
        name,
        new ort.Tensor(dtype, data, dims),
      ]),
    );
  };
}

function wordsOf(vocabulary, text) {
  const { cols, columns, values } = transformTfidf(vocabulary, [text]);
  const data = new Float32Array(cols);
  for (const [index, column] of columns.entries()) data[column] = values[index];
  return { dtype: "float32", dims: [1, cols], data };
}
