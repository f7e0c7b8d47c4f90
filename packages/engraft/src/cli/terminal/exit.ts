import { DataError, UsageError } from "@engraft/core/errors";
import { EngraftError } from "@engraft/onnx/errors";
import { withFlags } from "./option-flags.js";
import { describeSystemError } from "./system-errors.js";
import { asLines } from "./terminal.js";

/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  data: 3,
  /** Interrupted by Ctrl-C. */
  interrupted: 130,
  /** Interrupted by SIGTERM. */
  terminated: 143,
} as const;

/** Says on stderr what went wrong; returns the exit code. */
export function reportError(error: unknown): number {
  sayError(describeError(error));
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof DataError) return EXIT.data;
  return EXIT.failure;
}

/** Says that a signal ended the work; returns the exit code. */
export function reportInterruption(signal: NodeJS.Signals): number {
  const message = "Interrupted. What was computed is kept; run the same command to go on.";
  process.stderr.write(asLines([message]));
  return signal === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
}

/** Says that results could not be written; returns the exit code. */
export function reportLostOutput(error: NodeJS.ErrnoException): number {
  const { message, code } = error;
  const lost = { code, syscall: "write", path: "Standard output" };
  sayError(`error: ${describeSystemError(Object.assign(new Error(message), lost)) ?? message}`);
  return EXIT.failure;
}

/** Only the first line begins at the margin: nothing in a message can look like another message. */
function sayError(message: string): void {
  const [first = "", ...others] = message.split("\n");
  process.stderr.write(asLines([first, ...others.map((line) => line.replace(/^(?! )/, "  "))]));
}

/**
 * Errors that Engraft throws on purpose are their message alone, and those of the operating system are
 * explained; a defect is shown with what is needed to report it.
 */
function describeError(error: unknown): string {
  if (error instanceof EngraftError) return `error: ${withFlags(error.message)}`;
  const refusal = describeSystemError(error);
  if (refusal !== undefined) return `error: ${refusal}`;
  const detail = process.env.ENGRAFT_DEBUG && error instanceof Error ? error.stack : String(error);
  return `internal error: ${detail}\nThis is a defect in Engraft. Set ENGRAFT_DEBUG=1 to see where it happened, and please report it.`;
}
