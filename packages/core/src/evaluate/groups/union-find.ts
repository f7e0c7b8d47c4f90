/** Items that are joined pair by pair into disjoint sets, in near-constant time a step. */
export class UnionFind {
  readonly #parents: Int32Array;

  /** @param size number of items, each in a set of its own at first. */
  constructor(size: number) {
    this.#parents = Int32Array.from({ length: size }, (_, item) => item);
  }

  /** The smallest item of the set that `item` is in. */
  find(item: number): number {
    const parents = this.#parents;
    let root = item;
    while (parents[root] !== root) {
      // Halve the path on the way, so that the next search is shorter.
      parents[root] = parents[parents[root]!]!;
      root = parents[root]!;
    }
    return root;
  }

  /** Makes one set of the sets of both items. */
  join(one: number, other: number): void {
    const first = this.find(one);
    const second = this.find(other);
    this.#parents[Math.max(first, second)] = Math.min(first, second);
  }
}
