/**
 * The rows of each group, ascending, the groups in the order of their first rows.
 *
 * @param groups group of each row, any numbers.
 */
export function rowsByGroup(groups: Int32Array): number[][] {
  const members = new Map<number, number[]>();
  groups.forEach((group, row) => {
    const rows = members.get(group);
    if (rows) rows.push(row);
    else members.set(group, [row]);
  });
  return [...members.values()];
}
