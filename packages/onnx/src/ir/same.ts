/**
 * Whether a pass left every item as it was. Such a pass returns the list, node or graph that it was
 * given, so that nothing after it works on a copy of the same.
 */
export function isSameList<T>(before: readonly T[], after: readonly T[]): boolean {
  return before.length === after.length && before.every((item, index) => item === after[index]);
}

/** The map with its values transformed; itself where every value stays. */
export function mapValues<V>(
  map: ReadonlyMap<string, V>,
  transform: (value: V, name: string) => V,
): ReadonlyMap<string, V> {
  const entries = Array.from(map, ([name, value]) => [name, transform(value, name)] as const);
  return entries.every(([name, value]) => map.get(name) === value) ? map : new Map(entries);
}
