import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { DEFAULT_SUGGESTIONS, type SuggestedInput } from "@engraft/tasks/internal";
import { createEngraft } from "../../../engraft.js";
import { namedInputs } from "../../../host/data/data.js";
import { dataOptions, withInputOptions } from "../../options/data-options.js";
import { inputsOrStdin } from "../../options/inputs.js";
import { positiveWholeNumber } from "../../options/numbers.js";
import { runOf } from "../../options/run-options.js";
import { oneLine } from "../../terminal/format.js";
import type { Interruption } from "../../terminal/interruption.js";
import { createTerminal } from "../../terminal/terminal.js";

/** `engraft suggest`: what to label next. */
export function suggestCommand(interruption: Interruption): CommandUnknownOpts {
  const { signal } = interruption;
  const command = withInputOptions(
    new Command("suggest")
      .description("Choose what to label next: where a task is unsure, and unlike one another.")
      .argument("[inputs...]", "texts, files or folders; without any, one input per line of stdin")
      .requiredOption("--from <task>", "task folder: what is known so far")
      .option(
        "-n, --count <number>",
        "how many to choose",
        positiveWholeNumber,
        DEFAULT_SUGGESTIONS,
      ),
  )
    .option("--skip-bad", "go on without inputs that cannot be read")
    .option("--no-cache", "do not keep computed features")
    .option("--quiet", "print results only")
    .option("--json", "print one JSON object per line")
    .addHelpText("after", EXAMPLES)
    .action(async (inputs, { from, count, cache, quiet = false, json, ...options }) => {
      const terminal = createTerminal({ quiet });
      const given = inputsOrStdin(inputs, signal, "Nothing to choose from: give files");
      await using engraft = createEngraft();
      const task = await engraft.loadTask(from);
      const { modality } = task;
      const reading = { ...dataOptions(options), ...runOf(interruption, terminal) };
      const unlabelled = namedInputs(given, { ...reading, modality });
      const { suggested, skipped } = await task.suggest(unlabelled, { ...reading, count, cache });
      terminal.done();
      for (const { where, what } of skipped) terminal.note(`skipped ${where}: ${what}`);
      for (const suggestion of suggested) {
        await (json ? terminal.json(toJson(suggestion)) : terminal.row(...toRow(suggestion)));
      }
    });
  return command;
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
  const shown = input.kind === "text" ? [oneLine(input.text)] : [];
  return [source, label, probability.toFixed(3), ...shown];
}
