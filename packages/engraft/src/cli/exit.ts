import { DataError, EngraftError, UsageError } from "@engraft/core/errors";

/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  data: 3,
  interrupted: 130,
} as const;

export function exitCodeOf(error: unknown, interrupted: boolean): number {
  if (interrupted) return EXIT.interrupted;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof DataError) return EXIT.data;
  return EXIT.failure;
}

/**
 * Says on stderr what went wrong. Errors that Engraft throws on purpose are their message alone; a
 * defect is shown with what is needed to report it.
 */
export function reportError(error: unknown, interrupted: boolean): void {
  process.stderr.write(`${describeError(error, interrupted)}\n`);
}

function describeError(error: unknown, interrupted: boolean): string {
  if (interrupted) return "Interrupted. What was computed is kept; run the same command to go on.";
  if (error instanceof EngraftError) return `error: ${error.message}`;
  if (isSystemError(error)) return `error: ${error.message}`;
  const detail = process.env.ENGRAFT_DEBUG && error instanceof Error ? error.stack : String(error);
  return `internal error: ${detail}\nThis is a defect in Engraft. Set ENGRAFT_DEBUG=1 to see where it happened, and please report it.`;
}

/** A refusal of the operating system: no such file, no permission, disk full. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "code" in error;
}
