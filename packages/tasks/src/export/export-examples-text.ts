import type { TextPreprocessing } from "@engraft/core";
import { sourceString } from "@engraft/core/escape";
import type { Tokenization } from "@engraft/core/internal";
import type { InputRole } from "./export-description.js";
import { type Example, importLines, lines, propertyKey } from "./export-example.js";
import { nodeWords, pythonWords } from "./export-examples-words.js";

/**
 * Programs that predict texts with an exported model.
 *
 * @param names - Names of the model's inputs by what they hold.
 * @param closing - Number of special tokens behind a text.
 * @param tokenization - How texts are taken apart into words.
 */
export function textExamples(
  names: ReadonlyMap<InputRole, string>,
  preprocessing: TextPreprocessing,
  closing: number,
  tokenization: Tokenization,
): [python: Example, node: Example] {
  return [
    pythonExample(names, preprocessing, tokenization),
    nodeExample(names, preprocessing, closing, tokenization),
  ];
}

function pythonExample(
  names: ReadonlyMap<InputRole, string>,
  { maxTokens, padTokenId, padTo }: TextPreprocessing,
  tokenization: Tokenization,
): Example {
  const tfidf = pythonWords(tokenization);
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
    words && tfidf.imports,
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
    words && tfidf.code,
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
  const packages = ["numpy onnxruntime", ids && "tokenizers", words && tfidf.install].filter(
    (name) => name !== undefined,
  );
  return { install: `pip install ${packages.join(" ")}`, code };
}

function nodeExample(
  names: ReadonlyMap<InputRole, string>,
  { maxTokens, padTokenId, padTo }: TextPreprocessing,
  closing: number,
  tokenization: Tokenization,
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
    words && nodeWords(tokenization).code,
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
