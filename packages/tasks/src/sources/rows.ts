import type { DataProblem, Dataset, Modality, SingleLabelExample, SplitName } from "@engraft/core";
import { DataError, listProblems } from "@engraft/core/errors";
import { compareCodePoints } from "@engraft/core/internal";
import type { DataReader } from "../host.js";
import type { ImageSource, LabelledRow, ReadDatasetOptions } from "./source.js";

/** Problems that a message lists. */
const LISTED = 20;

/** Splits in the order in which a data set has them. */
const SPLITS: readonly SplitName[] = ["train", "val", "test"];

/** A row in one form. */
interface PlainRow {
  readonly source: string;
  readonly split: SplitName;
  readonly text: unknown;
  readonly image: unknown;
  readonly label: unknown;
}

/**
 * A data set of labelled rows: the labels are trimmed and NFC-normalised, sorted by code point.
 *
 * @param data - Opens images.
 * @throws DataError that lists every row that cannot be used, unless `skipBad` is set; and in any case
 *   when the rows as a whole cannot be used.
 */
export async function datasetOfRows(
  rows: Iterable<LabelledRow> | AsyncIterable<LabelledRow>,
  data: Pick<DataReader, "image">,
  { purpose, skipBad = false, maxImagePixels, signal }: ReadDatasetOptions,
): Promise<Dataset> {
  const examples = new Map<SplitName, SingleLabelExample[]>();
  const problems: DataProblem[] = [];
  let number = 0;
  for await (const row of rows) {
    signal?.throwIfAborted();
    number += 1;
    const plain = plainRow(row, number);
    const example = toExample(plain, data, maxImagePixels);
    if ("what" in example) problems.push(example);
    else splitOf(examples, plain.split).push(example);
  }
  const all = SPLITS.flatMap((split) => examples.get(split) ?? []);
  if (problems.length > 0 && !skipBad) throw unusableRows(problems);
  requireUsable(all, examples, purpose, problems);
  const labels = new Set(all.map(({ target }) => target.label));
  const [train = [], val, test] = SPLITS.map((split) => examples.get(split));
  return {
    modality: all[0]!.input.kind,
    labels: [...labels].sort(compareCodePoints),
    splits: { train, ...(val && { val }), ...(test && { test }) },
    skipped: problems,
  };
}

/** The examples of a split; none at first. */
function splitOf(
  examples: Map<SplitName, SingleLabelExample[]>,
  split: SplitName,
): SingleLabelExample[] {
  const known = examples.get(split) ?? [];
  examples.set(split, known);
  return known;
}

function plainRow(row: LabelledRow, number: number): PlainRow {
  if (isPair(row)) {
    const [input, label] = row;
    const isText = typeof input === "string";
    return {
      source: `row ${number}`,
      split: "train",
      text: isText ? input : undefined,
      image: isText ? undefined : input,
      label,
    };
  }
  const { text, image, label, split = "train", source = `row ${number}` } = row;
  return { source, split, text, image, label };
}

function isPair(row: LabelledRow): row is readonly [string | Uint8Array, string] {
  return Array.isArray(row);
}

function toExample(
  { source, split, text, image, label: given }: PlainRow,
  data: Pick<DataReader, "image">,
  maxImagePixels: number | undefined,
): SingleLabelExample | DataProblem {
  const problem = (what: string): DataProblem => ({ where: source, what });
  if (!SPLITS.includes(split)) return problem(`the split is none of ${SPLITS.join(", ")}`);
  if (typeof given !== "string") return problem("the label is no string");
  const label = given.trim().normalize("NFC");
  if (label === "") return problem("the label is empty");
  const target = { kind: "single", label } as const;
  if (image !== undefined && text !== undefined) return problem("it has a text and an image");
  if (isImageSource(image)) return { source, input: data.image(image, maxImagePixels), target };
  if (typeof text !== "string") return problem("it has neither a text nor an image");
  if (text.trim() === "") return problem("the text is empty");
  return { source, input: { kind: "text", text }, target };
}

function isImageSource(image: unknown): image is ImageSource {
  return typeof image === "string" || image instanceof Uint8Array;
}

function requireUsable(
  all: readonly SingleLabelExample[],
  examples: ReadonlyMap<SplitName, readonly SingleLabelExample[]>,
  purpose: ReadDatasetOptions["purpose"],
  problems: readonly DataProblem[],
): void {
  if (all.length === 0 || (purpose !== "evaluate" && !examples.has("train"))) {
    throw new DataError("data/empty", "There are no rows to learn from or to measure on.", {
      problems,
    });
  }
  const kinds = new Set<Modality>(all.map(({ input }) => input.kind));
  if (kinds.size > 1) throw new DataError("data/invalid", "The rows mix texts and images.");
  const labels = new Set((examples.get("train") ?? []).map(({ target }) => target.label));
  if (purpose !== "train") return;
  if (labels.size < 2) {
    throw new DataError(
      "data/too-few",
      "All rows have the same label; a classifier needs examples of at least two labels.",
    );
  }
  const unknown = all.filter(({ target }) => !labels.has(target.label));
  if (unknown.length > 0) {
    throw unusableRows(
      unknown.map(({ source, target }) => ({
        where: source,
        what: `has the label "${target.label}", which is not in the training data`,
      })),
    );
  }
}

function unusableRows(problems: readonly DataProblem[]): DataError {
  const count = problems.length === 1 ? "1 row" : `${problems.length} rows`;
  return new DataError(
    "data/invalid",
    `${count} cannot be used; go on without them (option skipBad):\n${listProblems(problems, LISTED)}`,
    { problems, remedies: ["skipBad"] },
  );
}
