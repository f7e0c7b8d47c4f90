import type { ReportData } from "./data/report-data.js";
import { findingsOf } from "./findings.js";
import { html, markup, pageSource } from "./html/html.js";
import type { Section } from "./html/parts.js";
import { STYLE } from "./html/style.js";
import { count } from "./numbers.js";
import { labelErrors } from "./sections/examples/label-errors.js";
import { leftOut } from "./sections/examples/left-out.js";
import { exampleMap } from "./sections/examples/map.js";
import { nearDuplicates } from "./sections/examples/near-duplicates.js";
import { abstaining } from "./sections/quality/abstaining.js";
import { calibration } from "./sections/quality/calibration.js";
import { confusion } from "./sections/quality/confusion.js";
import { mistakes } from "./sections/quality/mistakes.js";
import { perClass } from "./sections/quality/per-class.js";
import { quality } from "./sections/quality/quality.js";
import { besideLabels } from "./sections/training/beside-labels.js";
import { fineTuning } from "./sections/training/fine-tuning.js";
import { layers } from "./sections/training/layers.js";
import { learningCurve } from "./sections/training/learning-curve.js";
import { training } from "./sections/training/training.js";

/** The parts of a report, in the order of the page. */
const SECTIONS: readonly ((data: ReportData) => Section)[] = [
  quality,
  confusion,
  perClass,
  calibration,
  abstaining,
  mistakes,
  labelErrors,
  nearDuplicates,
  learningCurve,
  layers,
  exampleMap,
  besideLabels,
  fineTuning,
  leftOut,
  training,
];

/** Nothing is loaded and nothing is run, whatever the page holds. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** Says in the page who wrote it. */
const GENERATOR = '<meta name="generator" content="Engraft">';

/** Whether a file is a report, by the beginning of its bytes. */
export function isReport(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 1024)).includes(GENERATOR);
}

/**
 * Makes the report: one HTML file that needs no network and no script. The same data gives the same
 * page.
 */
export function renderReport(data: ReportData): string {
  const { name, manifest } = data;
  const sections = SECTIONS.map((section) => section(data));
  return pageSource(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${markup(GENERATOR)}
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Report: ${name}</title>
<style>${markup(STYLE)}</style>
</head>
<body>
<header>
<p class="kind">Engraft report</p>
<h1 dir="auto">${name}</h1>
<p>${count(manifest.dataset.examples)} ${manifest.modality === "text" ? "texts" : "images"}, ${count(manifest.labels.length)} labels, base model ${manifest.base.id}</p>
<ul class="findings">${findingsOf(data).map((finding) => html`<li>${finding}</li>`)}</ul>
${data.warnings.length > 0 && html`<ul class="warnings">${data.warnings.map((sentence) => html`<li dir="auto">${sentence}</li>`)}</ul>`}
${data.missing.length > 0 && html`<ul class="missing">${data.missing.map((sentence) => html`<li>${sentence}</li>`)}</ul>`}
<nav aria-label="Contents"><ol>${sections.map(
    ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ol></nav>
</header>
<main>
${sections.map(
  ({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`,
)}</main>
</body>
</html>
`);
}
