import { patternProblem } from "./pattern-safety.js";

/** Most times that normalisation may lengthen a text, all its replacements together. */
const MOST_GROWTH = 32;
/** Longest text that a part of a tokenizer may put in front of each word or text. */
const LONGEST_ADDITION = 64;
const LARGEST_ID = 2 ** 31 - 1;

/**
 * Checks that a tokenizer of unknown origin is bounded in time and memory, and has ids that are
 * numbers.
 *
 * @param tokenizerJson - Parsed content of a `tokenizer.json`.
 * @throws {Error} that says what is wrong.
 */
export function requireBoundedTokenizer(tokenizerJson: object): void {
  const { normalizer, pre_tokenizer, model, added_tokens } = tokenizerJson as Record<
    string,
    unknown
  >;
  let growth = 1;
  for (const part of [...partsOf(normalizer), ...partsOf(pre_tokenizer)]) {
    requireSafePattern(part);
    growth *= growthOf(part);
  }
  if (growth > MOST_GROWTH) {
    throw new Error(
      `its normaliser can make a text ${growth} times as long; at most ${MOST_GROWTH} times is read`,
    );
  }
  requireIds(model, added_tokens);
}

type Part = Readonly<Record<string, unknown>>;

/** A normaliser or pre-tokenizer, and all those inside it. */
function partsOf(root: unknown): Part[] {
  const found: Part[] = [];
  const open = [root];
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part !== "object" || part === null) continue;
    found.push(part as Part);
    const { normalizers, pretokenizers } = part as Part;
    for (const list of [normalizers, pretokenizers]) if (Array.isArray(list)) open.push(...list);
  }
  return found;
}

function requireSafePattern({ type, pattern }: Part): void {
  const source = (pattern as { Regex?: unknown } | null | undefined)?.Regex;
  if (typeof source !== "string") return;
  const problem = patternProblem(source);
  if (problem === undefined) return;
  throw new Error(
    `the pattern ${JSON.stringify(source.slice(0, 80))} of its ${String(type)} may take very long: ${problem}`,
  );
}

/** How many times as long a part can make a text. */
function growthOf({ type, pattern, content, prepend, replacement }: Part): number {
  if (type === "Replace" && typeof content === "string") {
    const source = (pattern as { Regex?: unknown } | null | undefined)?.Regex;
    // A pattern may match nothing, and the content then stands between all characters.
    return Math.max(1, content.length + (typeof source === "string" ? 1 : 0));
  }
  for (const addition of [prepend, replacement]) {
    if (typeof addition === "string" && addition.length > LONGEST_ADDITION) {
      throw new Error(`its ${String(type)} adds ${addition.length} characters`);
    }
  }
  return 1;
}

function requireIds(model: unknown, addedTokens: unknown): void {
  const vocab = (model as { vocab?: unknown } | null | undefined)?.vocab;
  if (typeof vocab === "object" && vocab !== null && !Array.isArray(vocab)) {
    // A list of all entries of a large vocabulary would take twice as long to make as to check.
    for (const token in vocab) requireId(token, vocab[token as keyof typeof vocab]);
  }
  if (!Array.isArray(addedTokens)) return;
  for (const { content, id } of addedTokens as { content: string; id?: unknown }[]) {
    requireId(content, id);
  }
}

function requireId(token: string, id: unknown): void {
  if (Number.isInteger(id) && (id as number) >= 0 && (id as number) <= LARGEST_ID) return;
  throw new Error(
    `the id of the token ${JSON.stringify(token.slice(0, 40))} is ${JSON.stringify(id)?.slice(0, 40)}; ` +
      "expected a whole number from 0 on",
  );
}
