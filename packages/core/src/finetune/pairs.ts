import type { Random } from "../random/random.js";

/** Two examples and whether they are to be alike: positions in the list of examples. */
export interface ExamplePair {
  readonly first: number;
  readonly second: number;
  readonly alike: boolean;
}

/** Pairs of each kind that an example begins: 20 pairs an example, as in SetFit's recipe. */
const PAIRS_PER_EXAMPLE = 10;

/** More pairs cost time and no longer help. */
const MOST_PAIRS = 2560;

/**
 * Draws pairs for contrastive tuning as SetFit does: every example begins as many pairs with examples
 * of its own class as with others, as long as there are such examples.
 *
 * @param targets - Class of each example.
 */
export function drawPairs(targets: Int32Array, random: Random): ExamplePair[] {
  const byClass = new Map<number, number[]>();
  targets.forEach((target, position) => {
    const members = byClass.get(target);
    if (members) members.push(position);
    else byClass.set(target, [position]);
  });
  const order = random.shuffle(Int32Array.from(targets.keys()));
  const pairs: ExamplePair[] = [];
  for (let round = 0; round < PAIRS_PER_EXAMPLE; round++) {
    for (const first of order) {
      if (pairs.length >= MOST_PAIRS) return pairs;
      const own = byClass.get(targets[first]!)!;
      const same = drawOther(own, first, random);
      if (same !== undefined) pairs.push({ first, second: same, alike: true });
      const other = drawOfOtherClass(targets, first, own.length, random);
      if (other !== undefined) pairs.push({ first, second: other, alike: false });
    }
  }
  return pairs;
}

function drawOther(members: readonly number[], self: number, random: Random): number | undefined {
  if (members.length < 2) return undefined;
  const drawn = members[random.integer(members.length)]!;
  return drawn === self ? drawOther(members, self, random) : drawn;
}

function drawOfOtherClass(
  targets: Int32Array,
  self: number,
  ownSize: number,
  random: Random,
): number | undefined {
  if (ownSize === targets.length) return undefined;
  const drawn = random.integer(targets.length);
  return targets[drawn] === targets[self]
    ? drawOfOtherClass(targets, self, ownSize, random)
    : drawn;
}
