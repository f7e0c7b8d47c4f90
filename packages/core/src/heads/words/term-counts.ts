import { compareCodePoints } from "../../code-points.js";
import { type Csr, selectSparseRows } from "../../math/sparse.js";
import { type Tokenization, termsOf, tokenizationFor } from "./terms.js";
import { modelOfFrequencies, type TfidfModel, type TfidfOptions } from "./tfidf.js";

/** Texts that were taken apart once, for several models of their words. */
export interface TermCounts {
  readonly tokenization: Tokenization;
  /** Every term of the texts, in the order of code points. */
  readonly terms: readonly string[];
  /** How often each text has each term. */
  readonly counts: Csr;
}

/** Takes texts apart. */
export function countTerms(texts: readonly string[]): TermCounts {
  const tokenization = tokenizationFor(texts);
  const numbers = new Map<string, number>();
  const rowOffsets = new Int32Array(texts.length + 1);
  const [found, values]: [number[], number[]] = [[], []];
  texts.forEach((text, row) => {
    const counts = new Map<number, number>();
    for (const term of termsOf(text, tokenization)) {
      const number = numbers.get(term) ?? numbers.size;
      numbers.set(term, number);
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    for (const [number, count] of counts) {
      found.push(number);
      values.push(count);
    }
    rowOffsets[row + 1] = found.length;
  });
  const terms = [...numbers.keys()].sort(compareCodePoints);
  const columnOf = new Int32Array(terms.length);
  terms.forEach((term, column) => {
    columnOf[numbers.get(term)!] = column;
  });
  const counts = {
    rows: texts.length,
    cols: terms.length,
    rowOffsets,
    columns: Int32Array.from(found, (number) => columnOf[number]!),
    values: Float64Array.from(values),
  };
  sortRows(counts);
  return { tokenization, terms, counts };
}

/** Brings the entries of each row into the order of their columns. */
function sortRows({ rows, rowOffsets, columns, values }: Csr): void {
  for (let row = 0; row < rows; row++) {
    const [start, end] = [rowOffsets[row]!, rowOffsets[row + 1]!];
    const order = Array.from({ length: end - start }, (_, place) => start + place).sort(
      (a, b) => columns[a]! - columns[b]!,
    );
    columns.set(
      Int32Array.from(order, (at) => columns[at]!),
      start,
    );
    values.set(
      Float64Array.from(order, (at) => values[at]!),
      start,
    );
  }
}

/** The same of some of the texts. */
export function countsOfRows({ counts, ...words }: TermCounts, rows: Int32Array): TermCounts {
  return { ...words, counts: selectSparseRows(counts, rows) };
}

/** What `fitTfidf` learns from the texts. */
export function fitTfidfToCounts(
  { tokenization, terms, counts }: TermCounts,
  options: TfidfOptions,
): TfidfModel {
  const documents = new Int32Array(terms.length);
  for (const column of counts.columns) documents[column]!++;
  const frequencies = terms.map((term, column) => [term, documents[column]!] as const);
  return modelOfFrequencies(frequencies, counts.rows, tokenization, options);
}

/** What `transformTfidf` gives for the texts, by a model of texts that were taken apart alike. */
export function weighCounts(model: TfidfModel, { terms, counts }: TermCounts): Csr {
  const columnOf = Int32Array.from(terms, (term) => model.terms.get(term) ?? -1);
  const rowOffsets = new Int32Array(counts.rows + 1);
  const columns = new Int32Array(counts.columns.length);
  const values = new Float64Array(counts.columns.length);
  let end = 0;
  for (let row = 0; row < counts.rows; row++) {
    const start = end;
    let squares = 0;
    for (let entry = counts.rowOffsets[row]!; entry < counts.rowOffsets[row + 1]!; entry++) {
      const column = columnOf[counts.columns[entry]!]!;
      if (column < 0) continue;
      const weight = (1 + Math.log(counts.values[entry]!)) * model.idf[column]!;
      squares += weight * weight;
      columns[end] = column;
      values[end++] = weight;
    }
    const length = Math.sqrt(squares);
    for (let at = start; at < end; at++) values[at]! /= length;
    rowOffsets[row + 1] = end;
  }
  const kept = { columns: columns.slice(0, end), values: values.slice(0, end) };
  return { rows: counts.rows, cols: model.idf.length, rowOffsets, ...kept };
}
