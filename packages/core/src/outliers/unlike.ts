import { centredUnitRows } from "../evaluate/groups/duplicates.js";
import { gather } from "../features/labelled-features.js";
import {
  type LinearAlgebra,
  type Matrix32,
  rowOf,
  rowRange,
  selectRows,
  spacedRowNumbers,
  stackRows,
} from "../math/matrix.js";

/** How large a part of some rows is unlike others. */
export interface UnlikeShare {
  /** 0 where they look as if they were drawn from the same source. */
  readonly share: number;
  /** How far from 0 the share comes out by chance where they were. */
  readonly standardError: number;
}

/** Rows that are compared at most; more would not change a share that is read in tenths. */
const MOST_EXAMPLES = 1000;
const MOST_ROWS = 2000;

/**
 * The examples share their neighbours, so that the share varies more than a mean of independent ones,
 * whose standard error is 1/√(3 n): by a factor of 1.2 to 1.5 on draws from one source.
 */
const DEPENDENCE = 1.5;

/** Examples with labels, as some rows are compared with. */
export interface ComparedWith {
  /** One row each. */
  readonly embeddings: Matrix32;
  /** Class of each. */
  readonly targets: Int32Array;
  /** Group of each: near-duplicates share one. */
  readonly groups: Int32Array;
}

/**
 * Estimates how large a part of some rows looks unlike examples, by nearest neighbours: a two-sample
 * test without a parameter. An example and a row are compared by their cosines to the nearest of the
 * other examples, those of the example's own group left out for both. If both are from one source, each
 * of the two is nearer as often as the other, however few examples there are. If a part `p` of the rows
 * is so far away that the example is always nearer, the example is nearer in `(1 + p) / 2` of all pairs;
 * the share is the `p` that the pairs speak for.
 *
 * Only those are compared whose nearest examples are of the same class. Classes are not equally dense,
 * and the rows may hold them in other shares than the examples, which says nothing of the kind of rows.
 *
 * @returns Undefined where there is nothing to compare: rows, or examples of two groups.
 */
export async function shareOfUnlike(
  given: ComparedWith,
  rows: Matrix32,
  linearAlgebra: LinearAlgebra,
): Promise<UnlikeShare | undefined> {
  const count = given.embeddings.rows;
  const chosen = spacedRowNumbers(count, Math.min(count, MOST_EXAMPLES));
  const [targets, groups] = [gather(given.targets, chosen), gather(given.groups, chosen)];
  const differing = new Set(groups).size;
  if (differing < 2 || rows.rows === 0) return undefined;
  const asked = selectRows(rows, spacedRowNumbers(rows.rows, Math.min(rows.rows, MOST_ROWS)));
  const vectors = centredUnitRows(stackRows([selectRows(given.embeddings, chosen), asked]));
  const examples = rowRange(vectors, 0, chosen.length);
  const others = rowRange(vectors, chosen.length, asked.rows);
  const among = await linearAlgebra.multiply(examples, examples, { b: true });
  const across = await linearAlgebra.multiply(others, examples, { b: true });
  const known = Array.from(groups, (group, example) => ({
    group,
    nearest: nearestBeside(rowOf(among, example), groups, group),
  }));
  let [sum, compared] = [0, 0];
  for (let row = 0; row < others.rows; row++) {
    const cosines = rowOf(across, row);
    const first = nearestBeside(cosines, groups, undefined);
    const second = nearestBeside(cosines, groups, groups[first.example]);
    let [nearer, pairs] = [0, 0];
    for (const { group, nearest } of known) {
      const own = group === groups[first.example] ? second : first;
      if (targets[own.example] !== targets[nearest.example]) continue;
      pairs += 1;
      if (own.cosine <= nearest.cosine) nearer += own.cosine < nearest.cosine ? 1 : 0.5;
    }
    if (pairs === 0) continue;
    sum += nearer / pairs;
    compared += 1;
  }
  if (compared === 0) return undefined;
  const share = Math.max(0, (2 * sum) / compared - 1);
  return { share, standardError: Math.min(1, DEPENDENCE / Math.sqrt(3 * differing)) };
}

/** An example, and the cosine to it. */
interface Nearest {
  readonly example: number;
  readonly cosine: number;
}

/** The nearest example that is not of a group. */
function nearestBeside(
  cosines: Float32Array,
  groups: Int32Array,
  group: number | undefined,
): Nearest {
  let [nearest, largest] = [0, Number.NEGATIVE_INFINITY];
  cosines.forEach((cosine, example) => {
    if (groups[example] === group || cosine <= largest) return;
    [nearest, largest] = [example, cosine];
  });
  return { example: nearest, cosine: largest };
}
