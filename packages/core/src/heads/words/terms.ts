/** How texts are taken apart into terms. */
export interface Tokenization {
  /**
   * Whether runs of scripts that put no spaces between words are cut into words, by the dictionaries of
   * `Intl.Segmenter`. They come with the runtime: another version of ICU may cut a few words elsewhere.
   */
  readonly segmented: boolean;
}

/**
 * Code points of scripts that put no spaces between words, as ranges: letters, marks and digits of Thai,
 * Lao, Myanmar, Khmer, Japanese kana and Han.
 */
export const UNSPACED_RANGES: readonly (readonly [first: number, last: number])[] = [
  [0x0e01, 0x0e3a],
  [0x0e40, 0x0e4e],
  [0x0e50, 0x0e59],
  [0x0e80, 0x0eff],
  [0x1000, 0x1049],
  [0x1050, 0x109f],
  [0x1780, 0x17d3],
  [0x17d7, 0x17d7],
  [0x17dc, 0x17e9],
  [0x3005, 0x3007],
  [0x3021, 0x3029],
  [0x3031, 0x3035],
  [0x3038, 0x303c],
  [0x3041, 0x3096],
  [0x309d, 0x309f],
  [0x30a1, 0x30fa],
  [0x30fc, 0x30ff],
  [0x31f0, 0x31ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa9e0, 0xa9fe],
  [0xaa60, 0xaa7f],
  [0xf900, 0xfaff],
  [0xff66, 0xff9f],
  [0x20000, 0x323af],
];

/** Longest run that is cut into words at once, in code points: the time grows with its square. */
export const LONGEST_RUN: number = 256;

/**
 * After so many code points of a text every character is a term: to cut them into words takes some
 * microseconds each, and no text is to take long.
 */
export const MOST_SEGMENTED: number = 8192;

const unspaced = UNSPACED_RANGES.map(([first, last]) => `${escaped(first)}-${escaped(last)}`).join(
  "",
);

function escaped(codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`;
}

const hasUnspaced = new RegExp(`[${unspaced}]`, "u");

/** Python's `\w+|[^\w\s]` in the same text: its `\w` is letters, numbers and the underscore. */
const spacedTerms = /[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu;

/** The same, with runs of scripts without spaces by themselves. */
const termsAndRuns = new RegExp(
  `([${unspaced}]{1,${LONGEST_RUN}})|(?:(?![${unspaced}])[\\p{L}\\p{N}_])+|[^\\p{L}\\p{N}_\\s]`,
  "gu",
);

/** How texts are taken apart to learn their terms. */
export function tokenizationFor(texts: Iterable<string>): Tokenization {
  for (const text of texts) if (hasUnspaced.test(text)) return { segmented: true };
  return { segmented: false };
}

/**
 * The terms of a text in their order: lower-cased words, and every other sign by itself. Texts
 * without scripts that put no spaces between words have the same terms either way. Of other texts the
 * first 8,192 characters in such scripts are cut into words, at most 256 at once; the characters after
 * them are terms by themselves.
 */
export function termsOf(text: string, { segmented }: Tokenization): string[] {
  const lower = text.toLowerCase();
  if (!segmented || !hasUnspaced.test(lower)) return lower.match(spacedTerms) ?? [];
  const terms: string[] = [];
  let left = MOST_SEGMENTED;
  for (const [term, run] of lower.matchAll(termsAndRuns)) {
    if (run === undefined) {
      terms.push(term);
    } else if (left > 0) {
      left -= Array.from(run).length;
      for (const { segment } of segmentsOf(run)) terms.push(segment);
    } else {
      terms.push(...Array.from(run));
    }
  }
  return terms;
}

let segmenter: Intl.Segmenter | undefined;

function segmentsOf(run: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "word" });
  return segmenter.segment(run);
}
