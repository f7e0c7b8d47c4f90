import type { Csr } from "../math/sparse.js";

/** The words of a training set and how rare each is. */
export interface TfidfModel {
  /** Column of each term. */
  readonly terms: ReadonlyMap<string, number>;
  /** Inverse document frequency of each column. */
  readonly idf: Float64Array;
}

const WORD = /[\p{L}\p{M}\p{N}_]{2,}/gu;

function countsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(WORD)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Learns the vocabulary. */
export function fitTfidf(texts: readonly string[]): TfidfModel {
  const documents = new Map<string, number>();
  for (const text of texts) {
    for (const term of countsOf(text).keys()) documents.set(term, (documents.get(term) ?? 0) + 1);
  }
  const sorted = [...documents].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    terms: new Map(sorted.map(([term], column) => [term, column])),
    idf: Float64Array.from(sorted, ([, n]) => Math.log((1 + texts.length) / (1 + n)) + 1),
  };
}

/** Weighs the words of texts. */
export function transformTfidf({ terms, idf }: TfidfModel, texts: readonly string[]): Csr {
  const rowOffsets = new Int32Array(texts.length + 1);
  const columns: number[] = [];
  const values: number[] = [];
  texts.forEach((text, row) => {
    const entries: [number, number][] = [];
    for (const [term, count] of countsOf(text)) {
      const column = terms.get(term);
      if (column !== undefined) entries.push([column, (1 + Math.log(count)) * idf[column]!]);
    }
    entries.sort(([a], [b]) => a - b);
    const length = Math.sqrt(entries.reduce((sum, [, v]) => sum + v * v, 0)) || 1;
    for (const [column, value] of entries) {
      columns.push(column);
      values.push(value / length);
    }
    rowOffsets[row + 1] = columns.length;
  });
  return { rows: texts.length, cols: idf.length, rowOffsets, columns: Int32Array.from(columns), values: Float64Array.from(values) };
}
