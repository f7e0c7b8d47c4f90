/** A value of a JSON text: `text.slice(start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A member of a JSON object. */
export interface Member {
  readonly key: string;
  readonly value: Span;
}

/*
 * Finds where values stand in a JSON text, without reading them: `JSON.parse` does not tell. Only the
 * level that is asked for is checked; what is inside a value is left to `JSON.parse`.
 */

/** The members of the object that begins at `at`, in order, repeated keys included. */
export function* members(text: string, at: number): Generator<Member, number> {
  let next = skipSpace(text, expect(text, at, "{"));
  if (text[next] === "}") return next + 1;
  for (;;) {
    const end = stringEnd(text, next);
    const key = JSON.parse(text.slice(next, end)) as string;
    const start = skipSpace(text, expect(text, skipSpace(text, end), ":"));
    const value = { start, end: valueEnd(text, start) };
    yield { key, value };
    next = skipSpace(text, value.end);
    if (text[next] === "}") return next + 1;
    next = skipSpace(text, expect(text, next, ","));
  }
}

/** The items of the array that begins at `at`, in order. */
export function* items(text: string, at: number): Generator<Span, number> {
  let next = skipSpace(text, expect(text, at, "["));
  if (text[next] === "]") return next + 1;
  for (;;) {
    const item = { start: next, end: valueEnd(text, next) };
    yield item;
    next = skipSpace(text, item.end);
    if (text[next] === "]") return next + 1;
    next = skipSpace(text, expect(text, next, ","));
  }
}

/** The value of the last member of that name, which is the one that `JSON.parse` takes. */
export function memberValue(text: string, at: number, key: string): Span | undefined {
  let found: Span | undefined;
  for (const member of members(text, at)) if (member.key === key) found = member.value;
  return found;
}

/** The index of the first character from `at` on that is not white space. */
export function skipSpace(text: string, at: number): number {
  let next = at;
  while (isSpace(text.charCodeAt(next))) next += 1;
  return next;
}

function isSpace(unit: number): boolean {
  return unit === 32 || unit === 10 || unit === 13 || unit === 9;
}

function valueEnd(text: string, at: number): number {
  if (text[at] === '"') return stringEnd(text, at);
  if (text[at] !== "{" && text[at] !== "[") return literalEnd(text, at);
  const mark = /["{}[\]]/g;
  mark.lastIndex = at;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === '"') mark.lastIndex = stringEnd(text, found.index);
    else depth += found[0] === "{" || found[0] === "[" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  throw unexpected(text, text.length);
}

/** The end of a number, `true`, `false` or `null`. */
function literalEnd(text: string, at: number): number {
  const literal = /[-+.\w]+/y;
  literal.lastIndex = at;
  if (!literal.test(text)) throw unexpected(text, at);
  return literal.lastIndex;
}

function stringEnd(text: string, at: number): number {
  const mark = /["\\]/g;
  mark.lastIndex = expect(text, at, '"');
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === '"') return mark.lastIndex;
    mark.lastIndex += 1;
  }
  throw unexpected(text, text.length);
}

function expect(text: string, at: number, character: string): number {
  if (text[at] !== character) throw unexpected(text, at);
  return at + 1;
}

function unexpected(text: string, at: number): SyntaxError {
  const found =
    at < text.length ? `Unexpected token ${JSON.stringify(text[at])}` : "Unexpected end";
  return new SyntaxError(`${found} in JSON at position ${Math.min(at, text.length)}`);
}
