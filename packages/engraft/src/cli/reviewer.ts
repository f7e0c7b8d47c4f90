import { createInterface } from "node:readline/promises";

/** The person in front of the terminal. */
export interface Reviewer {
  /** Shows lines. */
  say(text: string): void;
  /** Waits for an answer; undefined when there will be none any more. */
  ask(question: string): Promise<string | undefined>;
}

/**
 * Talks with the person at a terminal. Ctrl-C and Ctrl-D mean that there will be no more answers.
 *
 * @param words - What the Tab key completes.
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
  const completer = (line: string): [string[], string] => {
    return [words.filter((word) => word.startsWith(line)), line];
  };
  const lines = createInterface({ ...terminal, completer });
  const gone = new AbortController();
  lines.on("SIGINT", () => gone.abort());
  lines.on("close", () => gone.abort());
  const ended = AbortSignal.any([signal, gone.signal]);
  return {
    say: (text) => {
      output.write(`${text}\n`);
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
