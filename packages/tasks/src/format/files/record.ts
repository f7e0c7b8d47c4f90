import { IntegrityError } from "@engraft/core/errors";
import type { Matrix32, RowPredictions } from "@engraft/core/predict";
import { decodeSafetensors, encodeSafetensors, parseJson } from "@engraft/core/predict";
import { createTensor, type Tensor } from "@engraft/onnx/graph";
import { z } from "zod";
import {
  EXAMPLES_FILE,
  FINDINGS_FILE,
  MEASUREMENT_FILE,
  MOVED_FILE,
  RECORD_FILES,
} from "../manifest/task-files.js";
import { encodeMeasurement, type Measurement, parseMeasurement } from "./measurement.js";

/** What a task remembers of one example that it was trained on. */
export interface RecordedExample {
  /** Where it came from: `mails.csv:12`, `ants/0013035.jpg`. */
  readonly source: string;
  readonly label: string;
  /** SHA-256 of the text, or of the file of an image: finds its layers in the feature cache. */
  readonly digest: string;
  /** The text itself; undefined for images. */
  readonly text?: string | undefined;
}

/** An unlabelled example that a task answers otherwise than it would without unlabelled examples. */
export interface MovedExample {
  readonly source: string;
  /** The beginning of the text; undefined for images, and where the task may keep no unlabelled ones. */
  readonly text?: string | undefined;
  /** The answer of the same stack without unlabelled examples. */
  readonly before: { readonly label: string; readonly probability: number };
  /** The answer of the task. */
  readonly after: { readonly label: string; readonly probability: number };
}

/** What unlabelled examples changed. */
export interface MovedAnswers {
  /** What would have been said without them about the rows of `outOfFold`, in their order. */
  readonly withoutUnlabelled: RowPredictions["logProbabilities"];
  /** Some of the unlabelled examples that are answered otherwise, the most certain first. */
  readonly unlabelled: readonly MovedExample[];
}

/** The training examples of a task, and what was found out about them. */
export interface TaskRecord {
  readonly examples: readonly RecordedExample[];
  /**
   * What heads that had not seen an example said about it: rows are positions in `examples`, ascending,
   * each at most once. On large data only a part was held out.
   */
  readonly outOfFold: RowPredictions;
  /** The last layer of the frozen base at unit length, examples x width. */
  readonly embeddings: Matrix32;
  /** Group of each example: near-duplicates share one. */
  readonly groups: Int32Array;
  /** Where the task has learned from unlabelled examples. */
  readonly moved?: MovedAnswers | undefined;
  /** Where it can be measured again without choosing its settings again. */
  readonly measurement?: Measurement | undefined;
}

const exampleSchema: z.ZodType<RecordedExample> = z.strictObject({
  source: z.string(),
  label: z.string(),
  digest: z.string(),
  text: z.string().optional(),
});

const answerSchema = z.strictObject({ label: z.string(), probability: z.number().min(0).max(1) });
const movedSchema: z.ZodType<MovedExample> = z.strictObject({
  source: z.string(),
  text: z.string().optional(),
  before: answerSchema,
  after: answerSchema,
});

/** Writes a record as files of a task. */
export function encodeRecord(record: TaskRecord): Map<string, Uint8Array> {
  const { examples, outOfFold, embeddings, groups, measurement, moved } = record;
  const tensors = new Map<string, Tensor>([
    ["embeddings", createTensor("float32", [embeddings.rows, embeddings.cols], embeddings.data)],
    ["groups", createTensor("int32", [groups.length], groups)],
    ["outOfFold.rows", createTensor("int32", [outOfFold.rows.length], outOfFold.rows)],
    [OUT_OF_FOLD, matrixTensor(outOfFold.logProbabilities)],
  ]);
  if (moved) tensors.set(WITHOUT_UNLABELLED, matrixTensor(moved.withoutUnlabelled));
  return new Map([
    [
      EXAMPLES_FILE,
      encodeLines(
        examples.map(({ source, label, digest, text }) => ({ source, label, digest, text })),
      ),
    ],
    [FINDINGS_FILE, encodeSafetensors(tensors)],
    ...(moved ? [[MOVED_FILE, encodeLines(moved.unlabelled)] as const] : []),
    ...(measurement ? [[MEASUREMENT_FILE, encodeMeasurement(measurement)] as const] : []),
  ]);
}

const OUT_OF_FOLD = "outOfFold.logProbabilities";
const WITHOUT_UNLABELLED = "withoutUnlabelled.logProbabilities";

function matrixTensor({ rows, cols, data }: RowPredictions["logProbabilities"]): Tensor {
  return createTensor("float32", [rows, cols], Float32Array.from(data));
}

function encodeLines(values: readonly object[]): Uint8Array {
  return new TextEncoder().encode(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
}

/**
 * Reads the record of a task.
 *
 * @param files - The task's {@link RECORD_FILES}, checked against their digests.
 * @returns Undefined where the task was told not to keep its examples.
 * @throws IntegrityError when the files are not a record.
 */
export function parseRecord(files: ReadonlyMap<string, Uint8Array>): TaskRecord | undefined {
  const [lines, findings, measured, moved] = RECORD_FILES.map((name) => files.get(name));
  if (lines === undefined || findings === undefined) return undefined;
  const examples = parseExamples(lines);
  const found = new Findings(findings);
  const embeddings = found.matrix("embeddings");
  const logProbabilities = found.matrix(OUT_OF_FOLD);
  const groups = found.integers("groups");
  const rows = found.integers("outOfFold.rows");
  const fits =
    embeddings.rows === examples.length &&
    groups.length === examples.length &&
    logProbabilities.rows === rows.length &&
    rows.every((row) => row >= 0 && row < examples.length);
  if (!fits) throw invalid(FINDINGS_FILE, `it does not fit the lines of ${EXAMPLES_FILE}`);
  const measurement = measured && readMeasurement(measured, examples.length);
  return {
    examples,
    outOfFold: { rows, logProbabilities },
    embeddings,
    groups,
    measurement,
    moved: moved && readMoved(moved, found, logProbabilities),
  };
}

function readMoved(bytes: Uint8Array, found: Findings, outOfFold: Matrix32): MovedAnswers {
  const withoutUnlabelled = found.matrix(WITHOUT_UNLABELLED);
  if (withoutUnlabelled.rows !== outOfFold.rows || withoutUnlabelled.cols !== outOfFold.cols) {
    throw invalid(FINDINGS_FILE, `"${WITHOUT_UNLABELLED}" does not fit "${OUT_OF_FOLD}"`);
  }
  return { withoutUnlabelled, unlabelled: parseLines(bytes, MOVED_FILE, movedSchema) };
}

function readMeasurement(bytes: Uint8Array, examples: number): Measurement {
  let found: Measurement | undefined;
  try {
    found = parseMeasurement(bytes);
  } catch (cause) {
    throw invalid(MEASUREMENT_FILE, "it cannot be read", cause);
  }
  if (found?.folds.length === examples) return found;
  throw invalid(MEASUREMENT_FILE, `it does not fit the lines of ${EXAMPLES_FILE}`);
}

/**
 * Reads the examples of a record alone.
 *
 * @param bytes - The task's {@link EXAMPLES_FILE}, checked against its digest.
 * @throws IntegrityError when a line is not an example.
 */
export function parseExamples(bytes: Uint8Array): RecordedExample[] {
  return parseLines(bytes, EXAMPLES_FILE, exampleSchema);
}

function parseLines<T>(bytes: Uint8Array, file: string, schema: z.ZodType<T>): T[] {
  const lines = new TextDecoder().decode(bytes).split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line, index) => {
      const parsed = schema.safeParse(parseJson(line));
      if (parsed.success) return parsed.data;
      throw invalid(file, `its line ${index + 1} is not an example`);
    });
}

/** Checked access to the tensors of a record. */
class Findings {
  readonly #tensors: ReadonlyMap<string, Tensor>;

  constructor(bytes: Uint8Array) {
    try {
      this.#tensors = decodeSafetensors(bytes).tensors;
    } catch (cause) {
      throw invalid(FINDINGS_FILE, "it is not a safetensors file", cause);
    }
  }

  matrix(name: string): Matrix32 {
    const tensor = this.#tensors.get(name);
    if (tensor?.dtype === "float32" && tensor.dims.length === 2) {
      return { rows: tensor.dims[0]!, cols: tensor.dims[1]!, data: tensor.data };
    }
    throw invalid(FINDINGS_FILE, `it has no matrix "${name}"`);
  }

  integers(name: string): Int32Array {
    const tensor = this.#tensors.get(name);
    if (tensor?.dtype === "int32" && tensor.dims.length === 1) return tensor.data;
    throw invalid(FINDINGS_FILE, `it has no list of numbers "${name}"`);
  }
}

function invalid(file: string, why: string, cause?: unknown): IntegrityError {
  return new IntegrityError(
    "task/invalid",
    file,
    `${file} of the task is not valid: ${why}. Restore it, or train the task again.`,
    { cause },
  );
}
