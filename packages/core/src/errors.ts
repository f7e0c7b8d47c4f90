import {
  type CheckpointErrorCode,
  type DataErrorCode,
  EngraftError,
  type IntegrityErrorCode,
  type RuntimeErrorCode,
  type WorkerErrorCode,
} from "@engraft/onnx/errors";
import { visible } from "./escape/visible.js";

export { AutodiffError, type Obstacle } from "@engraft/autodiff/errors";
export * from "@engraft/onnx/errors";

/** One bad row, file or field of the user's data, with its position. */
export interface DataProblem {
  /** Where: `mails.csv:12` or a path relative to what was given. */
  readonly where: string;
  /** What is wrong with it and what was expected, without the position. */
  readonly what: string;
}

/** One indented line for each problem, hidden characters as escapes; of more than `most`, the rest is counted. Default: all. */
export function listProblems(
  problems: readonly DataProblem[],
  most: number = Number.POSITIVE_INFINITY,
): string {
  const lines = problems
    .slice(0, most)
    .map(({ where, what }) => `  ${visible(where)}: ${visible(what)}`);
  if (problems.length > most) lines.push(`  ... and ${problems.length - most} more`);
  return lines.join("\n");
}

/** An option of the functions that read data, which may help where data cannot be used as it is. */
export type DataRemedy =
  | "skipBad"
  | "columns.text"
  | "columns.image"
  | "columns.label"
  | "header"
  | "imageFolder";

/** The user's data cannot be used as it is. Exit code 3 on the command line. */
export class DataError extends EngraftError {
  readonly code: DataErrorCode;
  /** Every problem that was found, in the order of the data. */
  readonly problems: readonly DataProblem[];
  /** Options that may help; the message names them, too. */
  readonly remedies: readonly DataRemedy[];

  constructor(
    code: DataErrorCode,
    message: string,
    options: {
      problems?: readonly DataProblem[];
      remedies?: readonly DataRemedy[];
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.problems = options.problems ?? [];
    this.remedies = options.remedies ?? [];
  }
}

/** An option or argument is not one that can be used. Exit code 2 on the command line. */
export class UsageError extends EngraftError {
  readonly code = "usage";
}

/** A task folder or base model is damaged, altered, or of a version that this Engraft cannot read. */
export class IntegrityError extends EngraftError {
  readonly code: IntegrityErrorCode;
  /** The file concerned. */
  readonly file: string;

  constructor(
    code: IntegrityErrorCode,
    file: string,
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.file = file;
  }
}

/** ONNX Runtime does not load a model, or stops while it runs one. Exit code 1 on the command line. */
export class RuntimeError extends EngraftError {
  readonly code: RuntimeErrorCode;
  /** What ONNX Runtime said, without colours and without places in its own source. */
  readonly detail: string;

  constructor(code: RuntimeErrorCode, detail: string, options: { cause?: unknown } = {}) {
    super(
      `${RUNTIME_FAILURES[code]}: ${detail}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.detail = detail;
  }
}

const RUNTIME_FAILURES: Readonly<Record<RuntimeErrorCode, string>> = {
  "runtime/load": "ONNX Runtime cannot load this model",
  "runtime/run": "ONNX Runtime stopped while it ran the model",
  "runtime/memory":
    "ONNX Runtime has not got the memory that it needs; smaller batches or inputs need less",
};

/** A worker thread does not answer, or a message between threads cannot be read. Exit code 1 on the command line. */
export class WorkerError extends EngraftError {
  readonly code: WorkerErrorCode;
  /** The exit code of the thread, where it has ended with one. */
  readonly exitCode: number | undefined;

  constructor(
    code: WorkerErrorCode,
    message: string,
    options: { exitCode?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exitCode = options.exitCode;
  }
}

/** A training cannot go on from a checkpoint. Exit code 1 on the command line. */
export class CheckpointError extends EngraftError {
  readonly code: CheckpointErrorCode;

  constructor(code: CheckpointErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
