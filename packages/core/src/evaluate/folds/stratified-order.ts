import type { Random } from "../../random/random.js";
import { rowsByGroup } from "../groups/groups.js";

/**
 * A random order of some rows: first a group of each class, and from there on every beginning has the
 * classes in the proportions of all, as far as whole groups allow. Taking the first rows of it gives a
 * smaller data set of the same kind.
 *
 * @param rows - Rows of the data set.
 * @param truth - Class and group of every row of the data set; the classes count from 0.
 */
export function stratifiedOrder(
  rows: Int32Array,
  truth: { readonly targets: Int32Array; readonly groups: Int32Array },
  random: Random,
): Int32Array {
  const { targets, groups } = truth;
  const members = random.shuffle(rowsByGroup(rows.map((row) => groups[row]!)));
  const classOf = (group: readonly number[]): number => targets[rows[group[0]!]!]!;
  const sizes = new Map<number, number>();
  for (const group of members) sizes.set(classOf(group), (sizes.get(classOf(group)) ?? 0) + 1);
  const seen = new Map<number, number>();
  const placed = members.map((group) => {
    const target = classOf(group);
    const before = seen.get(target) ?? 0;
    seen.set(target, before + 1);
    return { group, place: before / sizes.get(target)! };
  });
  placed.sort((a, b) => a.place - b.place);
  return Int32Array.from(placed.flatMap(({ group }) => group.map((index) => rows[index]!)));
}
