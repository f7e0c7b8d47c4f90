import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { IntegrityError } from "../../errors.js";
import type { TextPreprocessing } from "../spec.js";
import { bertNormalizer, bertPreTokenizer, bertTokenizerSchema } from "./bert.js";
import { requireBoundedTokenizer } from "./tokenizer-limits.js";

/** Turns texts into the token ids of one base model. */
export interface TextTokenizer {
  /**
   * The token ids of a text with the model's special tokens, at most `maxTokens` of them: of a
   * longer text the first tokens are kept, between the special tokens at both ends.
   */
  encode(text: string): Int32Array;
  /** {@link TextTokenizer.encode}, and how long the text is. */
  read(text: string): ReadText;
}

/** How long a text is, in tokens of a base model without its special tokens. */
export interface TextLength {
  /** Tokens that the base model reads. */
  readonly read: number;
  /**
   * Tokens of the whole text. Of texts that are far longer than the base model reads, an estimate:
   * the rest is taken to be as dense as the start.
   */
  readonly tokens: number;
}

/** A text as a base model reads it. */
export interface ReadText extends TextLength {
  /** Token ids with the special tokens. */
  readonly ids: Int32Array;
}

/** Token rows of equal length, ready to be fed as `[rows, length]`. */
export interface TokenBatch {
  readonly ids: BigInt64Array;
  /** 1 for a token, 0 for padding. */
  readonly mask: BigInt64Array;
  readonly rows: number;
  /** Tokens of the longest row, padding included. */
  readonly length: number;
}

/** Pads token rows on the right to the length of the longest, and to `padTo` at least. */
export function padBatch(
  rows: readonly Int32Array[],
  padTokenId: number,
  padTo: number = 0,
): TokenBatch {
  const length = rows.reduce((longest, row) => Math.max(longest, row.length), padTo);
  const ids = new BigInt64Array(rows.length * length).fill(BigInt(padTokenId));
  const mask = new BigInt64Array(rows.length * length);
  for (const [index, row] of rows.entries()) {
    const start = index * length;
    for (const [position, id] of row.entries()) ids[start + position] = BigInt(id);
    mask.fill(1n, start, start + row.length);
  }
  return { ids, mask, rows: rows.length, length };
}

/** What is used of the library's `Tokenizer`, whose own declarations NodeNext cannot resolve. */
interface LibraryTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  token_to_id(token: string): number | undefined;
  normalizer: ((text: string) => string) | null;
  pre_tokenizer: ((text: string) => string[]) | null;
  readonly post_processor: ((tokens: string[]) => { tokens: string[] }) | null;
}

/** What is read of any `tokenizer.json`. */
const tokenizerSchema = z.object({
  added_tokens: z.array(z.object({ content: z.string() })),
});

const unpairedSurrogate = /\p{Cs}/gu;

/** Normalisation makes at most three characters of one (NFD of a Hangul syllable). */
const MOST_TOKENS_PER_CHARACTER = 3;

/**
 * A tokenizer from the parsed contents of a Hugging Face `tokenizer.json`. Ids are those of the
 * Rust `tokenizers` library truncating to `spec.maxTokens` ("longest first", right side); truncation
 * and padding settings inside the file are ignored. An unpaired surrogate counts as U+FFFD.
 *
 * For the BERT family a long text is read only as far as `maxTokens` needs; for other tokenizers
 * the whole text is tokenised first.
 *
 * @throws {IntegrityError} when the file is not a tokenizer that can be used.
 */
export function createTextTokenizer(
  tokenizerJson: unknown,
  spec: TextPreprocessing,
): TextTokenizer {
  try {
    return buildTokenizer(tokenizerJson, spec.maxTokens);
  } catch (cause) {
    throw new IntegrityError(
      "base/invalid",
      spec.tokenizer,
      `${spec.tokenizer} is not a tokenizer that can be used: ${reasonOf(cause)}. Expected a Hugging Face tokenizer.json (version 1.0); take the file from the base model again.`,
      { cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof z.ZodError) {
    return cause.issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
  }
  return cause instanceof Error ? cause.message : String(cause);
}

function buildTokenizer(tokenizerJson: unknown, maxTokens: number): TextTokenizer {
  const { added_tokens: addedTokens } = tokenizerSchema.parse(tokenizerJson);
  requireBoundedTokenizer(tokenizerJson as object);
  const library: LibraryTokenizer = new Tokenizer(tokenizerJson, {});
  const { prefix, suffix } = specialTokens(library);
  const wanted = Math.max(0, maxTokens - prefix.length - suffix.length);

  const encodeWhole = (text: string): number[] =>
    library.encode(text.replace(unpairedSurrogate, "\uFFFD"), { add_special_tokens: false }).ids;
  let encodeStart = (text: string): EncodedStart => ({ ids: encodeWhole(text), share: 1 });
  const bert = bertTokenizerSchema.safeParse(tokenizerJson).data;
  if (bert !== undefined) {
    const longestWord = bert.model.max_input_chars_per_word;
    library.normalizer = bertNormalizer(bert.normalizer);
    library.pre_tokenizer = bertPreTokenizer(longestWord);
    const longestAdded = addedTokens.reduce((max, { content }) => Math.max(max, content.length), 0);
    const uncertain = longestWord + MOST_TOKENS_PER_CHARACTER * longestAdded;
    encodeStart = (text) => encodeOnlyStart(text, encodeWhole, wanted, uncertain);
  }
  const read = (text: string): ReadText => {
    const { ids, share } = encodeStart(text);
    return {
      ids: Int32Array.from([...prefix, ...ids.slice(0, wanted), ...suffix]),
      read: Math.min(wanted, ids.length),
      tokens: Math.round(ids.length / share),
    };
  };
  return { read, encode: (text) => read(text).ids };
}

/** The ids that the model's template puts before and after a text. */
function specialTokens(library: LibraryTokenizer): { prefix: number[]; suffix: number[] } {
  const text = "text";
  const { tokens } = library.post_processor?.([text]) ?? { tokens: [text] };
  const position = tokens.indexOf(text);
  const toIds = (specials: string[]): number[] =>
    specials.map((token) => {
      const id = library.token_to_id(token);
      if (id === undefined) throw new Error(`its template names the unknown token "${token}"`);
      return id;
    });
  return { prefix: toIds(tokens.slice(0, position)), suffix: toIds(tokens.slice(position + 1)) };
}

/** Ids of the start of a text, and the share of the text that they are of. */
interface EncodedStart {
  readonly ids: readonly number[];
  /** Above 0, at most 1. */
  readonly share: number;
}

/**
 * At least the first `wanted` ids of a text (all where it has fewer), from as little of it as that
 * takes. Cutting the text can change the tokens of the word that is cut, which are at most as many
 * as a word may have characters, and of an added token that is cut, whose characters then count as
 * text. Both are last; with `uncertain` tokens to spare for them the wanted ones are final.
 */
function encodeOnlyStart(
  text: string,
  encode: (text: string) => number[],
  wanted: number,
  uncertain: number,
): EncodedStart {
  const enough = wanted + uncertain;
  for (let length = 8 * enough; length < text.length; length *= 4) {
    const ids = encode(text.slice(0, length));
    if (ids.length >= enough) return { ids, share: length / text.length };
  }
  return { ids: encode(text), share: 1 };
}
