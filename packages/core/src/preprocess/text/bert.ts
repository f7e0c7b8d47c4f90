import { z } from "zod";
import { CONTROL, NONSPACING_MARK, PUNCTUATION } from "./unicode.js";

/**
 * BERT's normaliser and pre-tokeniser with the results of the Rust `tokenizers` library, from which
 * the JavaScript one differs: it leaves ideographs beyond U+FFFF unseparated, turns a final capital
 * sigma into "ς", and takes the categories of characters from the engine's version of Unicode.
 * Decomposition (NFD) remains the engine's: it differs for 21 letters of rare scripts that are newer
 * than the Rust library's tables, and in no vocabulary.
 */

/** A Hugging Face `tokenizer.json` of the BERT family, as far as it is read here. */
export const bertTokenizerSchema: z.ZodType<BertTokenizer> = z.object({
  normalizer: z.object({
    type: z.literal("BertNormalizer"),
    clean_text: z.boolean().default(true),
    handle_chinese_chars: z.boolean().default(true),
    strip_accents: z.boolean().nullish(),
    lowercase: z.boolean().default(true),
  }),
  pre_tokenizer: z.object({ type: z.literal("BertPreTokenizer") }),
  model: z.object({
    type: z.literal("WordPiece"),
    max_input_chars_per_word: z.int().positive().default(100),
  }),
});

export interface BertTokenizer {
  readonly normalizer: {
    /** Drops control characters and makes every white space a plain space. */
    readonly clean_text: boolean;
    /** Puts spaces around ideographs, so that each is a word. */
    readonly handle_chinese_chars: boolean;
    /** Drops accents; follows `lowercase` where it is not given. */
    readonly strip_accents?: boolean | null | undefined;
    readonly lowercase: boolean;
  };
  readonly model: {
    /** Longer words become the unknown token. */
    readonly max_input_chars_per_word: number;
  };
}

const whiteSpace = /\p{White_Space}+/gu;
const control = new RegExp(`[${CONTROL}]+`, "gu");
const nonspacingMark = new RegExp(`[${NONSPACING_MARK}]+`, "gu");
// U+2B920 is the Rust library's; BERT's own code has U+2B820.
const ideograph =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;
const word = new RegExp(`[${PUNCTUATION}]|[^\\p{White_Space}${PUNCTUATION}]+`, "gu");

/** The normaliser: any text to the text that is cut into words. */
export function bertNormalizer(config: BertTokenizer["normalizer"]): (text: string) => string {
  const stripAccents = config.strip_accents ?? config.lowercase;
  return (text) => {
    let result = text;
    if (config.clean_text) result = result.replace(control, "").replace(whiteSpace, " ");
    if (config.handle_chinese_chars) result = result.replace(ideograph, " $& ");
    if (stripAccents) result = result.normalize("NFD").replace(nonspacingMark, "");
    // Rust lower-cases one character at a time and so knows no final sigma.
    if (config.lowercase) result = result.replaceAll("Σ", "σ").toLowerCase();
    return result;
  };
}

/**
 * The pre-tokeniser: normalised text to its words and punctuation marks. A word longer than
 * `maxCharacters` is unknown to the model whatever its length, so no more of it is kept than shows
 * that: a file of 50 MB may be one word.
 */
export function bertPreTokenizer(maxCharacters: number): (text: string) => string[] {
  // A character is at most two UTF-16 units.
  const enough = 2 * (maxCharacters + 1);
  return (text) =>
    (text.match(word) ?? []).map((w) => (w.length > enough ? w.slice(0, enough) : w));
}
