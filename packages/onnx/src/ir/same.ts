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
  let changed: Map<string, V> | undefined;
  for (const [name, value] of map) {
    const successor = transform(value, name);
    if (successor === value) continue;
    // A key that is set again keeps its place.
    changed ??= new Map(map);
    changed.set(name, successor);
  }
  return changed ?? map;
}
