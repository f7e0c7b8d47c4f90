import { markdownCode, markdownText } from "@engraft/core/escape";
import { createTextTokenizer } from "@engraft/core/internal";
import {
  EXPORT_FILES,
  type ExportDescription,
  inputMeaning,
  OUTPUT_MEANINGS,
} from "./export-description.js";
import type { Example } from "./export-example.js";
import { imageExamples } from "./export-examples-image.js";
import { textExamples } from "./export-examples-text.js";

/** More labels than this are left to `labels.json`. */
const MAX_LISTED_LABELS = 20;

/** The page that says how an export is used without Engraft, in Markdown. */
export function exportReadme(description: ExportDescription): string {
  const { manifest, base } = description;
  const kind = manifest.modality === "text" ? "text" : "image";
  const [python, node] = examplesOf(description);
  return `# A classifier of ${kind}s

${introduction(description, kind)}

${valueTables(description)}

The metadata of the model says the same, and has the labels, the preprocessing and the digest of the base model, under keys that begin with \`engraft.\`. The programs below run in the folder of the model, with ${kind === "text" ? "texts" : "paths of images"} as arguments.

## Python

${writeExample(python, "python")}

## Node

${writeExample(node, "js")}

## Base model

${markdownText(base.spec.title)}. Licence: ${markdownText(base.spec.license)}. Source: ${markdownText(base.spec.source)}.
`;
}

function introduction(
  { manifest: { labels }, base, int8, version }: ExportDescription,
  kind: string,
): string {
  const choices =
    labels.length > MAX_LISTED_LABELS
      ? `${labels.length} labels, which are in \`${EXPORT_FILES.labels}\``
      : `these labels: ${labels.map(markdownCode).join(", ")}`;
  const stored = int8 ? ", whose weights are stored in 8 bits" : "";
  return (
    `\`${EXPORT_FILES.model}\` tells which label a ${kind} has, of ${choices}. Engraft ${version} made ` +
    `it from the base model ${markdownText(base.spec.id)}${stored}. ONNX Runtime runs it; Engraft is not needed.`
  );
}

function valueTables(description: ExportDescription): string {
  const { manifest, inputs } = description;
  const type = `float32[batch, ${manifest.labels.length}]`;
  const outputs = Object.entries(OUTPUT_MEANINGS);
  return [
    ...table(
      "input",
      inputs.map(({ name, type, role }) => [name, type, inputMeaning(role, description)]),
    ),
    "",
    ...table(
      "output",
      outputs.map(([name, meaning]) => [name, type, meaning]),
    ),
  ].join("\n");
}

function table(
  what: string,
  rows: readonly (readonly [name: string, type: string, meaning: string])[],
): string[] {
  return [
    `| ${what} | type | meaning |`,
    "| --- | --- | --- |",
    ...rows.map(
      ([name, type, meaning]) =>
        `| ${markdownCode(name)} | ${markdownCode(type)} | ${markdownText(meaning)} |`,
    ),
  ];
}

function writeExample({ install, code, note }: Example, language: string): string {
  const program = `\`\`\`sh\n${install}\n\`\`\`\n\n\`\`\`${language}\n${code}\n\`\`\``;
  return note === undefined ? program : `${program}\n\n${note}`;
}

function examplesOf({
  manifest,
  base,
  inputs,
  tokenization = { segmented: false },
}: ExportDescription): [python: Example, node: Example] {
  const { preprocessing } = manifest;
  const names = new Map(inputs.map(({ role, name }) => [role, name]));
  if (preprocessing.kind === "image") return imageExamples(names, preprocessing);
  const tokenizer = createTextTokenizer(base.tokenizer(), preprocessing);
  const closing = closingTokens(tokenizer.encode(""), tokenizer.encode("a"));
  return textExamples(names, preprocessing, closing, tokenization);
}

/** How many special tokens stand behind a text: all of an empty one but those before it. */
function closingTokens(empty: Int32Array, other: Int32Array): number {
  const opening = empty.findIndex((id, index) => id !== other[index]);
  return opening === -1 ? 0 : empty.length - opening;
}
