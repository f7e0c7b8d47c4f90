import type {
  BaseModel,
  DataProblem,
  Input,
  LinearAlgebra,
  Modality,
  Platform,
} from "@engraft/core";
import { createRandom, DataError, type Random } from "@engraft/core";
import {
  centredUnitRows,
  chooseTypical,
  embeddingColumns,
  groupNearDuplicates,
  type Matrix32,
  nearDuplicateThresholds,
  rowsByGroup,
  selectRows,
} from "@engraft/core/internal";
import type { NamedInput } from "../sources/source.js";
import { type PassOptions, readInputs } from "../train/data/extract-dataset.js";
import { contentOf } from "../train/data/group-examples.js";

/** An unlabelled input, and what to call it in messages. */
export interface Unlabelled {
  readonly source: string;
  readonly input: Input;
}

/** The cluster of inputs that one is typical of. */
export interface ClusterOfInput {
  /** Number of the cluster, from 1 on, in the order in which they were chosen from. */
  readonly cluster: number;
  /** How many inputs without a label are in the cluster, this one included. */
  readonly standsFor: number;
}

/** An input to label before there is a task: it is typical of a cluster of inputs. */
export interface TypicalInput extends Unlabelled, ClusterOfInput {}

/** The inputs to label first. */
export interface TypicalInputs {
  /** In the order in which to label them: the largest cluster first. */
  readonly suggested: readonly TypicalInput[];
  /** Inputs that were not looked at on their own, because they are copies of others or nearly so. */
  readonly copies: number;
  /** What could not be decoded. */
  readonly skipped: readonly DataProblem[];
}

/** How typical inputs are chosen. */
export interface TypicalOptions extends PassOptions {
  readonly count: number;
  readonly seed: number;
}

/**
 * Chooses inputs to label before there is a task: divides all into clusters by the last layer of a base,
 * and takes a typical one of each cluster that has none with a label, the largest cluster first. Inputs that
 * are copies of one another, or nearly so, count as one.
 *
 * @param inputs - Some of them may have a label.
 * @throws DataError when there are none without a label, or one cannot be decoded and `skipBad` is not set.
 */
export async function chooseTypicalInputs(
  base: BaseModel,
  inputs: readonly NamedInput[],
  platform: Platform,
  options: TypicalOptions,
): Promise<TypicalInputs> {
  if (inputs.length === 0) throw new DataError("data/empty", "There are no inputs to choose from.");
  if (inputs.every(({ label }) => label !== undefined)) {
    throw new DataError(
      "data/empty",
      `All ${inputs.length} inputs have a label already. Give some without one.`,
    );
  }
  const { spec } = base;
  const kept = embeddingColumns(spec);
  const pass = { ...options, kept };
  const { rows, table, digests, skipped } = await readInputs(base, inputs, platform, pass);
  const read = Array.from(rows, (row) => inputs[row]!);
  const { chosen, copies } = await chooseTypicalRows({
    embeddings: table.matrix,
    contents: read.map(({ input }, row) => contentOf(textOf(input), digests[row]!)),
    isLabelled: Uint8Array.from(read, ({ label }) => Number(label !== undefined)),
    modality: spec.modality,
    count: options.count,
    linearAlgebra: platform.linearAlgebra,
    random: createRandom(options.seed).derive("suggest"),
    signal: options.signal,
  });
  const suggested = chosen.map(({ row, ...cluster }) => {
    const { source, input } = read[row]!;
    return { source, input, ...cluster };
  });
  return { suggested, copies, skipped };
}

/** The text of an input; undefined for an image. */
export function textOf(input: Input): string | undefined {
  return input.kind === "text" ? input.text : undefined;
}

/** What typical rows are chosen from. */
interface TypicalRowsOptions {
  /** The last layer of a base, rows at any scale. */
  readonly embeddings: Matrix32;
  /** The same for two rows that are the same example. */
  readonly contents: readonly string[];
  /** 1 where a row has a label. */
  readonly isLabelled: Uint8Array;
  readonly modality: Modality;
  readonly count: number;
  readonly linearAlgebra: LinearAlgebra;
  readonly random: Random;
  readonly signal: AbortSignal | undefined;
}

/** A row that is typical of a cluster of rows. */
interface ChosenRow extends ClusterOfInput {
  readonly row: number;
}

/** Chooses typical rows; near-duplicates count as one. */
export async function chooseTypicalRows(
  options: TypicalRowsOptions,
): Promise<{ readonly chosen: readonly ChosenRow[]; readonly copies: number }> {
  const { embeddings, contents, isLabelled, modality, linearAlgebra, random } = options;
  const { groups } = await groupNearDuplicates({
    contentHashes: contents,
    embeddings,
    threshold: nearDuplicateThresholds[modality],
    linearAlgebra,
    random: random.derive("duplicates"),
  });
  const copies = rowsByGroup(groups);
  // One of them stands for its copies: a labelled one, which tells the labels of all.
  const first = Int32Array.from(
    copies,
    (rows) => rows.find((row) => isLabelled[row] === 1) ?? rows[0]!,
  );
  const unlabelled = (row: number): boolean => isLabelled[row] === 0;
  const typical = await chooseTypical({
    embeddings: centredUnitRows(selectRows(embeddings, first)),
    isLabelled: Uint8Array.from(first, (row) => isLabelled[row]!),
    examples: Int32Array.from(copies, (rows) => rows.filter(unlabelled).length),
    count: options.count,
    linearAlgebra,
    random: random.derive("clusters"),
    signal: options.signal,
  });
  const chosen = typical.map(({ row, cluster, size }) => {
    return { row: first[row]!, cluster, standsFor: size };
  });
  return { chosen, copies: embeddings.rows - first.length };
}
