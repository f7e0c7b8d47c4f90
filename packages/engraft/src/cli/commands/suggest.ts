import { addAbortSignal } from "node:stream";
import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import type { SuggestedInput } from "@engraft/core";
import { UsageError } from "@engraft/core/errors";
import { DEFAULT_SUGGESTIONS, suggest } from "../../tasks/suggest.js";
import { createTerminal } from "../terminal.js";

/** `engraft suggest`: what to label next. */
export function suggestCommand(signal: AbortSignal): Command {
  const command = new Command("suggest")
    .description("Choose what to label next: where a task is unsure, and unlike one another.")
    .argument("[inputs...]", "texts, files or folders; without any, one input per line of stdin")
    .requiredOption("--from <task>", "task folder: what is known so far")
    .option("-n, --count <number>", "how many to choose", count, DEFAULT_SUGGESTIONS)
    .option("--text <column>", "column with the texts, for data files")
    .option("--image <column>", "column with the paths of pictures, for data files")
    .option("--skip-bad", "go on without inputs that cannot be read")
    .option("--no-cache", "do not keep computed features")
    .option("--quiet", "print results only")
    .option("--json", "print one JSON object per line")
    .addHelpText("after", EXAMPLES)
    .action(async (inputs, { from, text, image, skipBad, cache, quiet = false, json, ...rest }) => {
      const terminal = createTerminal({ quiet });
      if (inputs.length === 0 && process.stdin.isTTY) {
        throw new UsageError(
          "Nothing to choose from: give files as arguments, or one input per line on stdin.",
        );
      }
      const given = inputs.length > 0 ? inputs : addAbortSignal(signal, process.stdin);
      const chosen = await suggest(given, {
        from,
        count: rest.count,
        columns: { text, image },
        onSkip: skipBad
          ? ({ where, what }) => terminal.note(`skipped ${where}: ${what}`)
          : undefined,
        cache,
        signal,
        onProgress: terminal.progress,
        onWarning: (message) => terminal.note(message),
      });
      terminal.done();
      for (const suggestion of chosen) {
        await terminal.write(json ? toJson(suggestion) : toLine(suggestion));
      }
    });
  return command as unknown as Command;
}

const EXAMPLES = `
A line is the source, the label that the task would give, its probability, and the text.

Examples:
  engraft suggest inbox.csv --from mails.engraft -n 20
  engraft suggest unlabelled/ --from parts.engraft --json > to-label.jsonl`;

function toJson({ source, input, prediction, uncertainty }: SuggestedInput): string {
  const { label, probability } = prediction;
  const text = input.kind === "text" ? input.text : undefined;
  return JSON.stringify({ source, text, label, probability, uncertainty });
}

function toLine({ source, input, prediction: { label, probability } }: SuggestedInput): string {
  const line = input.kind === "text" ? input.text.replace(/\s+/g, " ") : "";
  const shown = line.length > 80 ? `${line.slice(0, 79)}…` : line;
  return [source, label, probability.toFixed(3), ...(shown === "" ? [] : [shown])].join("\t");
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("Expected a whole number above 0, for example 50.");
}
