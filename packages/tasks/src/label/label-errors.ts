import type { LinearAlgebra, Matrix32 } from "@engraft/core";
import type { RowPredictions } from "@engraft/core/internal";
import {
  disagreementOfNeighbours,
  findLabelErrors,
  findNeighbours,
  type LabelError,
  selectRows,
} from "@engraft/core/internal";
import type { TaskRecord } from "../format/files/record.js";

/** A label that is probably wrong, with a second opinion. */
export interface JudgedLabel extends LabelError {
  /**
   * Share of the nearest neighbours in the space of the frozen base that have another label, 0 to 1;
   * undefined where there are none to ask.
   */
  readonly neighboursDisagreeing: number | undefined;
}

/** A training example whose label is probably wrong. */
export interface SuspiciousExample {
  readonly source: string;
  readonly text: string | undefined;
  readonly given: string;
  readonly suggested: string;
  readonly probabilityOfGiven: number;
  readonly probabilityOfSuggested: number;
  /** Share of the nearest neighbours that have another label; undefined where there are none to ask. */
  readonly neighboursDisagreeing: number | undefined;
}

/** Labelled examples, and what was found out about them without looking at their labels. */
export interface LabelEvidence {
  /** What heads say about rows that they have not seen: each at most once. */
  readonly outOfFold: RowPredictions;
  /** Class of each row. */
  readonly targets: Int32Array;
  /** Group of each row: near-duplicates share one. */
  readonly groups: Int32Array;
  /** The frozen base's last layer, rows of length 1. */
  readonly embeddings: Matrix32;
}

/** The labels that are probably wrong, the worst first, each with what its neighbours say. */
export async function judgeLabels(
  { outOfFold, targets, groups, embeddings }: LabelEvidence,
  linearAlgebra: LinearAlgebra,
): Promise<JudgedLabel[]> {
  const { suspects } = findLabelErrors(outOfFold, targets);
  const rows = Int32Array.from(suspects, ({ row }) => row);
  const neighbours = await findNeighbours(
    selectRows(embeddings, rows),
    embeddings,
    linearAlgebra,
    (suspect, other) => groups[rows[suspect]!] !== groups[other],
  );
  const disagreement = disagreementOfNeighbours(rows, neighbours, targets);
  return suspects.map((suspect, i) => {
    const share = disagreement[i]!;
    return { ...suspect, neighboursDisagreeing: Number.isNaN(share) ? undefined : share };
  });
}

/** A label that is probably wrong, with its example and the names of labels. */
export function describeLabelError(
  { row, given, suggested, ...judged }: JudgedLabel,
  labels: readonly string[],
  { examples }: Pick<TaskRecord, "examples">,
): SuspiciousExample {
  const { source, text } = examples[row]!;
  return { source, text, given: labels[given]!, suggested: labels[suggested]!, ...judged };
}
