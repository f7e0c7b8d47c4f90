/**
 * Returns a function that makes names which are not taken: the wanted one where it is free, else
 * with `_1`, `_2`, … appended. Each name it returns is taken from then on.
 *
 * @param taken - The names, or what collects them when the first name is wanted: of a large graph that
 *   takes its time, and most passes over most models make no name.
 */
export function createNameGenerator(
  taken: Iterable<string> | (() => Iterable<string>),
): (wanted: string) => string {
  let known = typeof taken === "function" ? undefined : new Set(taken);
  const counters = new Map<string, number>();
  return (wanted) => {
    known ??= new Set(typeof taken === "function" ? taken() : taken);
    const names = known;
    let name = wanted;
    for (let count = counters.get(wanted) ?? 1; names.has(name); count++) {
      name = `${wanted}_${count}`;
      counters.set(wanted, count + 1);
    }
    names.add(name);
    return name;
  };
}

/** The wanted prefix, with marks added until no name begins with it and a slash. */
export function freshPrefix(wanted: string, names: Iterable<string>): string {
  const all = [...names];
  let prefix = wanted;
  while (all.some((name) => name.startsWith(`${prefix}/`))) prefix += "'";
  return prefix;
}

/** The names most like `wanted`, nearest first, for "did you mean" in an error message. */
export function nearMatches(wanted: string, names: Iterable<string>, limit = 3): string[] {
  const scored: { name: string; distance: number }[] = [];
  for (const name of names) {
    const contains = wanted !== "" && (name.includes(wanted) || wanted.includes(name));
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase());
    if (contains || distance <= Math.max(1, wanted.length / 3)) scored.push({ name, distance });
  }
  return scored
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ name }) => name);
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
