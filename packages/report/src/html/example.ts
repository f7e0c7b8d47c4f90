import { shorten } from "@engraft/core/escape";
import type { ReportData } from "../data/report-data.js";
import { type Content, type Html, html } from "./html.js";

/** Of longer texts the beginning is shown: enough to recognise and to judge most. */
const MOST_CHARACTERS = 280;

/** Shows an example: its image or its text, where it came from, and what there is to say about it. */
export function exampleCard(
  { record, thumbnails }: ReportData,
  row: number,
  ...remarks: readonly Content[]
): Html {
  const example = record?.examples[row];
  if (example === undefined) return html``;
  return inputCard({ ...example, image: thumbnails.get(row) }, ...remarks);
}

/** What is shown of an input. */
interface ShownInput {
  readonly source: string;
  readonly text?: string | undefined;
  /** A data URI. */
  readonly image?: string | undefined;
}

/** Shows an input like an example. */
export function inputCard(
  { source, text, image }: ShownInput,
  ...remarks: readonly Content[]
): Html {
  return html`<li>${image && html`<img src="${image}" alt="">`}<div>
${remarks.map((remark) => html`<p class="remark">${remark}</p>`)}
${text && html`<blockquote dir="auto">${shorten(text, MOST_CHARACTERS)}</blockquote>`}
<p class="source">${source}</p>
</div></li>\n`;
}

/** A list of {@link exampleCard}. */
export function exampleList(cards: readonly Html[]): Html {
  return html`<ul class="examples">${cards}</ul>`;
}

/** A label as it stands within a sentence. */
export function labelTag(label: string | undefined): Html {
  return html`<b class="label" dir="auto">${label}</b>`;
}
