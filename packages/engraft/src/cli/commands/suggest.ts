import { Command } from "@commander-js/extra-typings";
import type { SuggestedInput } from "@engraft/tasks";
import { DEFAULT_SUGGESTIONS, suggest } from "../../tasks/suggest.js";
import {
  dataOptions,
  imageFolderOption,
  maxPixelsOption,
  noHeaderOption,
} from "../data-options.js";
import { shorten } from "../format.js";
import { inputsOrStdin } from "../inputs.js";
import type { Interruption } from "../interruption.js";
import { positiveWholeNumber } from "../numbers.js";
import { createTerminal } from "../terminal.js";

/** `engraft suggest`: what to label next. */
export function suggestCommand(interruption: Interruption): Command {
  const { signal } = interruption;
  const command = new Command("suggest")
    .description("Choose what to label next: where a task is unsure, and unlike one another.")
    .argument("[inputs...]", "texts, files or folders; without any, one input per line of stdin")
    .requiredOption("--from <task>", "task folder: what is known so far")
    .option("-n, --count <number>", "how many to choose", positiveWholeNumber, DEFAULT_SUGGESTIONS)
    .option("--text <column>", "column with the texts, for data files")
    .option("--image <column>", "column with the paths of images, for data files")
    .addOption(imageFolderOption())
    .addOption(noHeaderOption())
    .addOption(maxPixelsOption())
    .option("--skip-bad", "go on without inputs that cannot be read")
    .option("--no-cache", "do not keep computed features")
    .option("--quiet", "print results only")
    .option("--json", "print one JSON object per line")
    .addHelpText("after", EXAMPLES)
    .action(async (inputs, options) => {
      const { from, count, skipBad, cache, quiet = false, json } = options;
      const terminal = createTerminal({ quiet });
      const given = inputsOrStdin(inputs, signal, "Nothing to choose from: give files");
      const chosen = await suggest(given, {
        from,
        count,
        columns: dataOptions(options),
        onSkip: skipBad
          ? ({ where, what }) => terminal.note(`skipped ${where}: ${what}`)
          : undefined,
        cache,
        signal,
        onProgress: interruption.keeping(terminal.progress),
        onWarning: terminal.warn,
      });
      terminal.done();
      for (const suggestion of chosen) {
        await (json ? terminal.json(toJson(suggestion)) : terminal.row(...toRow(suggestion)));
      }
    });
  return command as unknown as Command;
}

const EXAMPLES = `
A line is the source, the label that the task would give, its probability, and the text.

Examples:
  engraft suggest inbox.csv --from mails.engraft -n 20
  engraft suggest unlabelled/ --from parts.engraft --json > to-label.jsonl`;

function toJson({ source, input, prediction, uncertainty }: SuggestedInput): object {
  const { label, probability, truncated } = prediction;
  const text = input.kind === "text" ? input.text : undefined;
  return { source, text, label, probability, uncertainty, truncated };
}

function toRow({ source, input, prediction: { label, probability } }: SuggestedInput): string[] {
  const shown = input.kind === "text" ? [shorten(input.text)] : [];
  return [source, label, probability.toFixed(3), ...shown];
}
