import { createInterface } from "node:readline/promises";
import { visible } from "@engraft/core/escape";
import { asLines } from "./terminal.js";

/** The person in front of the terminal. */
export interface Reviewer {
  /** Shows lines, with hidden characters as escapes. */
  say(...lines: readonly string[]): void;
  /** Waits for an answer; undefined when there will be none any more. */
  ask(question: string): Promise<string | undefined>;
}

/**
 * Talks with the person at a terminal. Ctrl-C and Ctrl-D mean that there will be no more answers.
 *
 * @param words - What the Tab key completes. Those with hidden characters are left out: readline shows
 *   words as they are.
 * @param signal - Ends the talk, too.
 * @param terminal - Default: the one that the process was started at.
 */
export function openReviewer(
  words: readonly string[],
  signal: AbortSignal,
  terminal: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream } = {
    input: process.stdin,
    output: process.stdout,
  },
): Reviewer & { close(): void } {
  const { output } = terminal;
  const shown = words.filter((word) => visible(word) === word);
  const completer = (line: string): [string[], string] => {
    return [shown.filter((word) => word.startsWith(line)), line];
  };
  const lines = createInterface({ ...terminal, completer });
  const gone = new AbortController();
  lines.on("SIGINT", () => gone.abort());
  lines.on("close", () => gone.abort());
  const ended = AbortSignal.any([signal, gone.signal]);
  return {
    say: (...lines) => {
      output.write(asLines(lines));
    },
    ask: async (question) => {
      if (ended.aborted) return undefined;
      try {
        return await lines.question(question, { signal: ended });
      } catch (error) {
        if (!ended.aborted) throw error;
        output.write("\n");
        return undefined;
      }
    },
    close: () => lines.close(),
  };
}
