import type { ReportData } from "../../data/report-data.js";
import { html } from "../../html/html.js";
import { facts, folded, type Section, table } from "../../html/parts.js";
import { count } from "../../numbers.js";
import { settingsOf } from "../../settings.js";

/** How the task came about. */
export function training({ manifest }: ReportData): Section {
  const { base, dataset, evaluation, files } = manifest;
  return {
    id: "training",
    title: "How it was trained",
    body: html`${facts([
      ["trained", manifest.createdAt],
      ["with", `Engraft ${manifest.engraft}`],
      ["in", `${count(manifest.seconds)} s`],
      ["base model", base.id],
      ["its SHA-256", html`<code>${base.digest}</code>`],
      ["data", `${count(dataset.examples)} examples, ${count(manifest.labels.length)} labels`],
      ["their SHA-256", html`<code>${dataset.digest}</code>`],
      ["measured by", evaluation.method],
    ])}
<h3>Configuration</h3>
${facts(settingsOf(manifest.config))}
${folded(
  "Examples of each label",
  table(
    ["label", "examples"],
    dataset.perLabel.map(({ label, examples }) => [label, count(examples)]),
  ),
)}
${folded(
  "Files of the task",
  table(
    ["file", "bytes", "SHA-256"],
    Object.entries(files).map(([name, { bytes, sha256 }]) => [
      name,
      count(bytes),
      html`<code>${sha256}</code>`,
    ]),
  ),
)}`,
  };
}
