import type { Input } from "../dataset/dataset.js";
import type { TextLength } from "../preprocess/text/text.js";
import { columnKey, TEXT_LENGTH } from "./columns.js";
import { columnRanges, type FeatureTable } from "./table.js";

/** What a base model did not read of some texts, because they are longer than it reads. */
export interface Truncation {
  /** Texts that were looked at. */
  readonly texts: number;
  /** How many of them are longer than the base model reads: only their start was read. */
  readonly truncated: number;
  /**
   * Share of the tokens of these longer texts that was not read, between 0 and 1. The tokens of texts
   * that are far longer than the base model reads are estimated.
   */
  readonly share: number;
  /** How many of the truncated texts have HTML tags, whose names and styles count as tokens. */
  readonly markup: number;
}

/** How long the text of each row of a table is; undefined where the table does not say. */
export function textLengthsOf({ columns, matrix }: FeatureTable): TextLength[] | undefined {
  const key = columnKey(TEXT_LENGTH);
  if (!columns.some((column) => columnKey(column) === key)) return undefined;
  const { start } = columnRanges(columns, [TEXT_LENGTH])[0]!;
  return Array.from({ length: matrix.rows }, (_, row) => {
    const at = row * matrix.cols + start;
    return { read: matrix.data[at]!, tokens: matrix.data[at + 1]! };
  });
}

/** What was not read of the inputs of a table, a row each; undefined where they are no texts. */
export function truncationOfTable(
  table: FeatureTable,
  inputs: readonly Input[],
): Truncation | undefined {
  const lengths = textLengthsOf(table);
  if (lengths === undefined) return undefined;
  const counter = new TruncationCounter();
  for (const [row, input] of inputs.entries()) {
    if (input.kind === "text") counter.add(input.text, lengths[row]);
  }
  return counter.total;
}

/** Counts text by text what a base model did not read. */
export class TruncationCounter {
  #texts = 0;
  #truncated = 0;
  #markup = 0;
  #read = 0;
  #tokens = 0;

  /** @param length - Undefined where the text is known not to be truncated. */
  add(text: string, length: TextLength | undefined): void {
    this.#texts += 1;
    if (length === undefined || !isTruncated(length)) return;
    this.#truncated += 1;
    this.#read += length.read;
    this.#tokens += length.tokens;
    if (MARKUP.test(text)) this.#markup += 1;
  }

  /** What was counted so far. */
  get total(): Truncation {
    return {
      texts: this.#texts,
      truncated: this.#truncated,
      share: this.#truncated === 0 ? 0 : 1 - this.#read / this.#tokens,
      markup: this.#markup,
    };
  }
}

/** Whether a text is longer than the base model reads. */
export function isTruncated({ read, tokens }: TextLength): boolean {
  return tokens > read;
}

/** Tags that are hardly ever written in plain text. */
const MARKUP =
  /<(?:!doctype html|html|head|body|style|script|div|span|table|p|br)\b[^<>]{0,1000}>/i;
