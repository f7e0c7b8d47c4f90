/**
 * Why a regular expression is not known to be fast on every text; undefined where it is. Backtracking
 * takes exponential time where what is repeated can match one text in several ways, as in `(a+)+`, and
 * polynomial time of a high degree where many repetitions follow each other. The patterns of published
 * tokenizers have neither.
 *
 * @param source - A pattern as tokenizers write it (Oniguruma or JavaScript).
 */
export function patternProblem(source: string): string | undefined {
  const groups: Group[] = [newGroup()];
  let atom: Group | undefined;
  for (let at = 0; at < source.length; ) {
    const group = groups.at(-1)!;
    const quantifier = readQuantifier(source, at);
    if (quantifier !== undefined) {
      if (atom !== undefined) {
        if (quantifier.most > 1 && (atom.varies || atom.alternatives)) {
          return "it repeats a group that can match in several ways";
        }
        group.varies ||= quantifier.least !== quantifier.most;
        if (quantifier.most > LARGEST_COUNT) group.unbounded += 1;
      }
      atom = undefined;
      at += quantifier.length;
      continue;
    }
    const character = source[at]!;
    if (/^\\(?:[1-9]|k[<'{])/.test(source.slice(at, at + 3))) return "it refers back to a group";
    if (character === "(") {
      groups.push(newGroup());
      at += GROUP_OPENING.exec(source.slice(at, at + 64))?.[0].length ?? 1;
      atom = undefined;
      continue;
    }
    if (character === ")") {
      if (groups.length === 1) return "it closes a group that was not opened";
      atom = closed(groups.pop()!);
      const outer = groups.at(-1)!;
      outer.varies ||= atom.varies;
      outer.alternatives ||= atom.alternatives;
      outer.unbounded += atom.mostUnbounded;
    } else if (character === "|") {
      closed(group);
      group.alternatives = true;
      group.unbounded = 0;
      atom = undefined;
    } else {
      atom = newGroup();
    }
    at += character === "[" ? classLength(source, at) : character === "\\" ? 2 : 1;
  }
  const { mostUnbounded } = closed(groups[0]!);
  if (groups.length > 1) return "it leaves a group open";
  if (mostUnbounded > MOST_REPETITIONS)
    return `it has more than ${MOST_REPETITIONS} repetitions in a row`;
  return undefined;
}

/** What is known of a group while it is read. */
interface Group {
  /** Whether it can match texts of several lengths. */
  varies: boolean;
  alternatives: boolean;
  /** Repetitions without a bound in the alternative that is read, and the most in any. */
  unbounded: number;
  mostUnbounded: number;
}

/** More repetitions than this count as without a bound. */
const LARGEST_COUNT = 100;
/** Repetitions that may follow each other: as many as in published tokenizers. */
const MOST_REPETITIONS = 2;

const GROUP_OPENING = /^\((?:\?(?:[a-z-]*:|<?[=!]|>|<[^<>]*>|P<[^<>]*>))?/i;
const QUANTIFIER = /^(?:[*+?]|\{(\d+)(,(\d*))?\})[?+]?/;

function newGroup(): Group {
  return { varies: false, alternatives: false, unbounded: 0, mostUnbounded: 0 };
}

function closed(group: Group): Group {
  group.mostUnbounded = Math.max(group.mostUnbounded, group.unbounded);
  return group;
}

function readQuantifier(
  source: string,
  at: number,
): { least: number; most: number; length: number } | undefined {
  const found = QUANTIFIER.exec(source.slice(at, at + 24));
  if (found === null) return undefined;
  const [{ length, 0: sign }, count, comma, limit] = found;
  if (sign === "?") return { least: 0, most: 1, length };
  if (sign === "*" || sign === "+") return { least: sign === "*" ? 0 : 1, most: Infinity, length };
  const least = Number(count);
  const most = comma === undefined ? least : limit ? Number(limit) : Infinity;
  return { least, most, length };
}

/** Length of a character class, brackets included. */
function classLength(source: string, start: number): number {
  let at = start + 1;
  if (source[at] === "^") at += 1;
  if (source[at] === "]") at += 1;
  for (let depth = 1; at < source.length; at++) {
    if (source[at] === "\\") at += 1;
    else if (source[at] === "[") depth += 1;
    else if (source[at] === "]" && --depth === 0) return at + 1 - start;
  }
  return source.length - start;
}
