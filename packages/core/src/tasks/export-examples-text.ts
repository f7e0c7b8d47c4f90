import { sourceString } from "../escape/source.js";
import type { TextPreprocessing } from "../preprocess/spec.js";
import type { InputRole } from "./export-description.js";
import { type Example, importLines, lines, propertyKey } from "./export-example.js";

/**
 * Programs that predict texts with an exported model.
 *
 * @param names - Names of the model's inputs by what they hold.
 * @param closing - Number of special tokens behind a text.
 */
export function textExamples(
  names: ReadonlyMap<InputRole, string>,
  preprocessing: TextPreprocessing,
  closing: number,
): [python: Example, node: Example] {
  return [pythonExample(names, preprocessing), nodeExample(names, preprocessing, closing)];
}

function pythonExample(
  names: ReadonlyMap<InputRole, string>,
  { maxTokens, padTokenId, padTo }: TextPreprocessing,
): Example {
  const [ids, mask, types] = [names.get("ids"), names.get("mask"), names.get("types")];
  const words = names.get("words");
  const padding = `pad_id=${padTokenId}${padTo === undefined ? "" : `, length=${padTo}`}`;
  const code = lines(
    "import json",
    words && "import math\nimport re",
    "import sys",
    words && "from collections import Counter",
    "",
    "import numpy as np",
    "import onnxruntime",
    ids && "from tokenizers import Tokenizer",
    `

def read(name):
    with open(name, encoding="utf-8") as file:
        return json.load(file)


labels = read("labels.json")
session = onnxruntime.InferenceSession("model.onnx")`,
    ids &&
      `tokenizer = Tokenizer.from_file("tokenizer.json")
tokenizer.enable_truncation(${maxTokens})
tokenizer.enable_padding(${padding})`,
    words &&
      String.raw`vocabulary = read("vocabulary.json")
columns = {term: column for column, term in enumerate(vocabulary["terms"])}


def tfidf(text):
    row = np.zeros(len(columns), np.float32)
    for term, count in Counter(re.findall(r"\w+|[^\w\s]", text.lower())).items():
        if term in columns:
            column = columns[term]
            row[column] = (1 + math.log(count)) * vocabulary["idf"][column]
    return row / (np.linalg.norm(row) or 1)`,
    `

def predict(texts):
    """The probabilities [texts, labels]."""`,
    ids && "    tokens = tokenizer.encode_batch(texts)",
    "    feeds = {",
    ids && `        ${sourceString(ids)}: np.array([t.ids for t in tokens], np.int64),`,
    mask &&
      `        ${sourceString(mask)}: np.array([t.attention_mask for t in tokens], np.int64),`,
    types && `        ${sourceString(types)}: np.array([t.type_ids for t in tokens], np.int64),`,
    words && `        ${sourceString(words)}: np.stack([tfidf(text) for text in texts]),`,
    `    }
    return session.run(["probabilities"], feeds)[0]


if __name__ == "__main__":
    for text, row in zip(sys.argv[1:], predict(sys.argv[1:])):
        print(labels[row.argmax()], row.max(), text)`,
  );
  const packages = ids === undefined ? "numpy onnxruntime" : "numpy onnxruntime tokenizers";
  return { install: `pip install ${packages}`, code };
}

function nodeExample(
  names: ReadonlyMap<InputRole, string>,
  { maxTokens, padTokenId, padTo }: TextPreprocessing,
  closing: number,
): Example {
  const [ids, mask, types] = [names.get("ids"), names.get("mask"), names.get("types")];
  const words = names.get("words");
  const code = lines(
    importLines(["{ readFileSync }", "node:fs"]),
    ids && importLines(["{ Tokenizer }", "@huggingface/tokenizers"]),
    importLines(["{ InferenceSession, Tensor }", "onnxruntime-node"]),
    `
const read = (name) => JSON.parse(readFileSync(name, "utf8"));
const labels = read("labels.json");
const session = await InferenceSession.create("model.onnx");`,
    ids && 'const tokenizer = new Tokenizer(read("tokenizer.json"), {});',
    words &&
      String.raw`const vocabulary = read("vocabulary.json");
const columns = new Map(vocabulary.terms.map((term, column) => [term, column]));

function tfidf(text) {
  const row = new Float32Array(columns.size);
  const counts = new Map();
  for (const term of text.toLowerCase().match(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu) ?? []) {
    counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  for (const [term, count] of counts) {
    const column = columns.get(term);
    if (column !== undefined) row[column] = (1 + Math.log(count)) * vocabulary.idf[column];
  }
  const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
  return row.map((value) => value / (length || 1));
}`,
    "",
    "/** The probability of each label. */",
    "async function predict(text) {",
    ids && tokenLines(maxTokens, closing),
    ids && padTo !== undefined && "  const count = ids.length;",
    padTo !== undefined && ids && `  while (ids.length < ${padTo}) ids.push(${padTokenId});`,
    "  const { probabilities } = await session.run({",
    ids &&
      `    ${propertyKey(ids)}: new Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]),`,
    mask && `    ${propertyKey(mask)}: new Tensor("int64", ${maskCode(padTo)}, [1, ids.length]),`,
    types &&
      `    ${propertyKey(types)}: new Tensor("int64", new BigInt64Array(ids.length), [1, ids.length]),`,
    words && `    ${propertyKey(words)}: new Tensor("float32", tfidf(text), [1, columns.size]),`,
    `  });
  return [...probabilities.data];
}

for (const text of process.argv.slice(2)) {
  const row = await predict(text);
  const best = row.indexOf(Math.max(...row));
  console.log(labels[best], row[best], text);
}`,
  );
  const packages =
    ids === undefined ? "onnxruntime-node" : "onnxruntime-node @huggingface/tokenizers";
  const note =
    "The JavaScript tokenizer cuts a few rare characters otherwise than the Python one, " +
    "such as ideographs beyond U+FFFF.";
  return { install: `npm install ${packages}`, code, ...(ids !== undefined && { note }) };
}

/** Of a long text the first tokens are kept, between the special tokens at both ends. */
function tokenLines(maxTokens: number, closing: number): string {
  const kept = maxTokens - closing;
  const cut =
    closing === 0
      ? `ids.slice(0, ${kept})`
      : `[...ids.slice(0, ${kept}), ...ids.slice(-${closing})]`;
  return `  let { ids } = tokenizer.encode(text);
  if (ids.length > ${maxTokens}) ids = ${cut};`;
}

function maskCode(padTo: number | undefined): string {
  return padTo === undefined
    ? "new BigInt64Array(ids.length).fill(1n)"
    : "new BigInt64Array(ids.length).fill(1n, 0, count)";
}
