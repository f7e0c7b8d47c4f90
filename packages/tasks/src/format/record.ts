import { IntegrityError } from "@engraft/core/errors";
import type { Matrix32, RowPredictions } from "@engraft/core/predict";
import { decodeSafetensors, encodeSafetensors, parseJson } from "@engraft/core/predict";
import { createTensor, type Tensor } from "@engraft/onnx/graph";
import { z } from "zod";
import { encodeMeasurement, type Measurement, parseMeasurement } from "./measurement.js";
import { EXAMPLES_FILE, FINDINGS_FILE, MEASUREMENT_FILE, RECORD_FILES } from "./task-files.js";

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
  /** Where it can be measured again without choosing its settings again. */
  readonly measurement?: Measurement | undefined;
}

const exampleSchema: z.ZodType<RecordedExample> = z.strictObject({
  source: z.string(),
  label: z.string(),
  digest: z.string(),
  text: z.string().optional(),
});

/** Writes a record as files of a task. */
export function encodeRecord(record: TaskRecord): Map<string, Uint8Array> {
  const { examples, outOfFold, embeddings, groups, measurement } = record;
  const lines = examples.map(({ source, label, digest, text }) =>
    JSON.stringify({ source, label, digest, text }),
  );
  const { rows, cols, data } = outOfFold.logProbabilities;
  const tensors = new Map<string, Tensor>([
    ["embeddings", createTensor("float32", [embeddings.rows, embeddings.cols], embeddings.data)],
    ["groups", createTensor("int32", [groups.length], groups)],
    ["outOfFold.rows", createTensor("int32", [rows], outOfFold.rows)],
    ["outOfFold.logProbabilities", createTensor("float32", [rows, cols], Float32Array.from(data))],
  ]);
  return new Map([
    [EXAMPLES_FILE, new TextEncoder().encode(`${lines.join("\n")}\n`)],
    [FINDINGS_FILE, encodeSafetensors(tensors)],
    ...(measurement ? [[MEASUREMENT_FILE, encodeMeasurement(measurement)] as const] : []),
  ]);
}

/**
 * Reads the record of a task.
 *
 * @param files - The task's {@link RECORD_FILES}, checked against their digests.
 * @returns Undefined where the task was told not to keep its examples.
 * @throws IntegrityError when the files are not a record.
 */
export function parseRecord(files: ReadonlyMap<string, Uint8Array>): TaskRecord | undefined {
  const [lines, findings, measured] = RECORD_FILES.map((name) => files.get(name));
  if (lines === undefined || findings === undefined) return undefined;
  const examples = parseExamples(lines);
  const found = new Findings(findings);
  const embeddings = found.matrix("embeddings");
  const logProbabilities = found.matrix("outOfFold.logProbabilities");
  const groups = found.integers("groups");
  const rows = found.integers("outOfFold.rows");
  const fits =
    embeddings.rows === examples.length &&
    groups.length === examples.length &&
    logProbabilities.rows === rows.length &&
    rows.every((row) => row >= 0 && row < examples.length);
  if (!fits) throw invalid(FINDINGS_FILE, `it does not fit the lines of ${EXAMPLES_FILE}`);
  const measurement = measured && readMeasurement(measured, examples.length);
  return { examples, outOfFold: { rows, logProbabilities }, embeddings, groups, measurement };
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
  const lines = new TextDecoder().decode(bytes).split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line, index) => {
      const parsed = exampleSchema.safeParse(parseJson(line));
      if (parsed.success) return parsed.data;
      throw invalid(EXAMPLES_FILE, `its line ${index + 1} is not an example`);
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
