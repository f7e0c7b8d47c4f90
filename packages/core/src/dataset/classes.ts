/** The class of each label: its position in the list. */
export function classesOf(labels: readonly string[]): ReadonlyMap<string, number> {
  return new Map(labels.map((label, index) => [label, index]));
}

/** The class of each example; -1 where its label is not in the list. */
export function targetsOf(
  examples: readonly { readonly label: string }[],
  labels: readonly string[],
): Int32Array {
  const classes = classesOf(labels);
  return Int32Array.from(examples, ({ label }) => classes.get(label) ?? -1);
}
