import { compareCodePoints } from "../../code-points.js";
import type { Csr } from "../../math/sparse.js";
import { type Tokenization, termsOf, tokenizationFor } from "./terms.js";

/** The terms of a training set and how rare each is. */
export interface TfidfModel {
  /** How texts are taken apart. */
  readonly tokenization: Tokenization;
  /** Column of each term; columns are in the order of the terms' code points. */
  readonly terms: ReadonlyMap<string, number>;
  /** Inverse document frequency of each column. */
  readonly idf: Float64Array;
}

export interface TfidfOptions {
  /**
   * Largest number of terms: those of most documents are kept, and of equally frequent ones the
   * first by code points. Bounds memory; default 50,000.
   */
  readonly maxTerms?: number;
  /** Documents that a term must occur in. Default 1. */
  readonly minDocuments?: number;
  /** How texts are taken apart. Default: as the texts need it. */
  readonly tokenization?: Tokenization;
}

/**
 * Learns the terms of some texts as scikit-learn's `TfidfVectorizer(sublinear_tf=True,
 * token_pattern=r"\w+|[^\w\s]")` does: lower-cased words, and every other sign by itself, because
 * exclamation marks and currency signs tell as much as words. Where there are texts in scripts without
 * spaces between words, such as Chinese and Thai, these are cut into words first. `idf = ln((1 + n) / (1 + df)) + 1`.
 */
export function fitTfidf(texts: readonly string[], options: TfidfOptions = {}): TfidfModel {
  const { tokenization = tokenizationFor(texts) } = options;
  const documentFrequency = new Map<string, number>();
  for (const text of texts) {
    for (const term of new Set(termsOf(text, tokenization))) {
      documentFrequency.set(term, (documentFrequency.get(term) ?? 0) + 1);
    }
  }
  return modelOfFrequencies(documentFrequency, texts.length, tokenization, options);
}

/** The model of texts in which each term is found in so many. */
export function modelOfFrequencies(
  documentFrequency: Iterable<readonly [term: string, documents: number]>,
  documents: number,
  tokenization: Tokenization,
  { maxTerms = 50_000, minDocuments = 1 }: TfidfOptions,
): TfidfModel {
  const kept = [...documentFrequency]
    .filter(([, count]) => count >= minDocuments)
    .sort(([a, inA], [b, inB]) => inB - inA || compareCodePoints(a, b))
    .slice(0, maxTerms)
    .sort(([a], [b]) => compareCodePoints(a, b));
  return {
    tokenization,
    terms: new Map(kept.map(([term], column) => [term, column])),
    idf: Float64Array.from(kept, ([, count]) => Math.log((1 + documents) / (1 + count)) + 1),
  };
}

/**
 * TF-IDF of each text: `(1 + ln tf) · idf`, rows of unit length. Unknown terms do not count; a text
 * without a known term has an empty row.
 */
export function transformTfidf(model: TfidfModel, texts: readonly string[]): Csr {
  return weighTerms(
    model,
    texts.map((text) => termsOf(text, model.tokenization)),
  );
}

/** {@link transformTfidf} of texts that have been taken apart by `termsOf`. */
export function weighTerms({ terms, idf }: TfidfModel, texts: readonly (readonly string[])[]): Csr {
  const rowOffsets = new Int32Array(texts.length + 1);
  const columns: number[] = [];
  const values: number[] = [];
  texts.forEach((found, row) => {
    const entries = [...countTerms(found, terms)].sort(([a], [b]) => a - b);
    const weights = entries.map(([column, count]) => (1 + Math.log(count)) * idf[column]!);
    const length = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
    entries.forEach(([column], index) => {
      columns.push(column);
      values.push(weights[index]! / length);
    });
    rowOffsets[row + 1] = columns.length;
  });
  return {
    rows: texts.length,
    cols: idf.length,
    rowOffsets,
    columns: Int32Array.from(columns),
    values: Float64Array.from(values),
  };
}

/** How often each known term occurs, by column. */
function countTerms(
  found: readonly string[],
  known: ReadonlyMap<string, number>,
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const term of found) {
    const column = known.get(term);
    if (column !== undefined) counts.set(column, (counts.get(column) ?? 0) + 1);
  }
  return counts;
}
