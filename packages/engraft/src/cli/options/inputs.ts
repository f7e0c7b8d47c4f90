import { addAbortSignal, type Readable } from "node:stream";
import { UsageError } from "@engraft/core/errors";

/**
 * The inputs of a command: its arguments, or where there are none the lines of stdin. Ctrl-C ends the
 * wait for a line, too.
 *
 * @param nothing - Begins the message where a person gave neither: `Nothing to predict: give texts`.
 * @throws UsageError when there are no arguments and stdin is a terminal.
 */
export function inputsOrStdin(
  inputs: readonly string[],
  signal: AbortSignal,
  nothing: string,
): readonly string[] | Readable {
  if (inputs.length > 0) return inputs;
  if (process.stdin.isTTY) {
    throw new UsageError(`${nothing} as arguments, or one input per line on stdin.`);
  }
  return addAbortSignal(signal, process.stdin);
}
