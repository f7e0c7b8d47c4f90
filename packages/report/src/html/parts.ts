import { type Content, type Html, html } from "./html.js";

/** A part of the report under a heading of its own. */
export interface Section {
  /** Anchor in the page. */
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** A share between 0 and 1 as a cell with a bar behind the number. */
export interface BarCell {
  readonly text: string;
  readonly share: number;
}

type Cell = Content | BarCell;

/** A table. The first column names the rows, the others are lined up on the right. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  return html`<div class="scroll"><table>
<thead><tr>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr></thead>
<tbody>${rows.map(([name, ...cells]) => {
    return html`<tr><th scope="row">${contentOf(name)}</th>${cells.map(cellOf)}</tr>\n`;
  })}</tbody>
</table></div>`;
}

function cellOf(cell: Cell): Html {
  if (!isBar(cell)) return html`<td>${cell}</td>`;
  const share = Math.min(1, Math.max(0, cell.share)).toFixed(3);
  return html`<td class="bar" style="--share:${share}">${cell.text}</td>`;
}

function contentOf(cell: Cell): Content {
  return isBar(cell) ? cell.text : cell;
}

function isBar(cell: Cell): cell is BarCell {
  return typeof cell === "object" && "share" in cell;
}

/** A chart with its caption, and the same numbers as a table that opens on demand. */
export function chartFigure(caption: Content, chart: Html, alternative: Html): Html {
  return html`<figure>
<div class="scroll">${chart}</div>
<figcaption>${caption}</figcaption>
${folded("The numbers as a table", alternative)}
</figure>`;
}

/** Content that is shown on demand, which needs no script. */
export function folded(summary: string, content: Html): Html {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}

/** Names and what belongs to them. */
export function facts(entries: readonly (readonly [name: string, value: Content])[]): Html {
  return html`<dl>${entries.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

/** Says why a section has nothing to show. */
export function absent(reason: string): Html {
  return html`<p class="absent">${reason}</p>`;
}

/** What a mark in a chart stands for. */
export interface LegendEntry {
  readonly label: string;
  readonly mark: Html;
}

/** Explains the marks of a chart. */
export function legend(entries: readonly LegendEntry[]): Html {
  return html`<ul class="legend">${entries.map(
    ({ label, mark }) => html`<li>${mark} <span dir="auto">${label}</span></li>`,
  )}</ul>`;
}
