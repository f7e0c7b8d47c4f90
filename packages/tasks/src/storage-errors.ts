import { EngraftError } from "@engraft/onnx/errors";

/** Why a file was not read, in words that can follow its name and a colon. */
export class UnreadableFile extends Error {
  /** The error code of the operating system, where that is the reason: `ENOENT`. */
  readonly code: string | undefined;

  constructor(reason: string, cause?: Error & { readonly code?: string | undefined }) {
    super(reason, cause && { cause });
    this.code = cause?.code;
  }
}

/** A file or folder that was to be written cannot be written. */
export class OutputError extends EngraftError {
  readonly code = "output/unwritable";
  /** What was to be written. */
  readonly path: string;
  /** The error code of the operating system: `EACCES`. */
  readonly reason: string;

  constructor(path: string, message: string, reason: string, cause?: unknown) {
    super(
      `${path} cannot be written: ${message}. Choose another place, or make room there.`,
      cause === undefined ? undefined : { cause },
    );
    this.path = path;
    this.reason = reason;
  }
}

/** Another process has written a task while this one was at work; both are kept. */
export class TaskChangedError extends EngraftError {
  readonly code = "task/changed";
  /** Where the task of the other process is. */
  readonly path: string;
  /** Where the task that was to be written is. */
  readonly kept: string;

  constructor(path: string, kept: string) {
    super(
      `${path} was written by another process in the meantime. It stays as that process wrote it, and the ` +
        `new task is in ${kept}: keep the one that you want, or run again.`,
    );
    this.path = path;
    this.kept = kept;
  }
}
