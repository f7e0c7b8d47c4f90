/** The class of each label: its position in the list. */
export function classesOf(labels: readonly string[]): ReadonlyMap<string, number> {
  return new Map(labels.map((label, index) => [label, index]));
}

/** The class of each example; -1 where it has no label, or one that is not in the list. */
export function targetsOf(
  examples: readonly ({ readonly label: string } | undefined)[],
  labels: readonly string[],
): Int32Array {
  const classes = classesOf(labels);
  return Int32Array.from(examples, (example) => (example && classes.get(example.label)) ?? -1);
}
