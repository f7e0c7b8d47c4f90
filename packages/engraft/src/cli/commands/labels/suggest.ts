import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { type DataProblem, UsageError } from "@engraft/core/errors";
import { DEFAULT_SUGGESTIONS } from "@engraft/tasks/internal";
import type { Engraft, NamedInput } from "@engraft/tasks/predict";
import { createEngraft } from "../../../engraft.js";
import { namedInputs } from "../../../host/data/data.js";
import {
  BIND_OPTION,
  BIND_TEXT,
  bindingsGiven,
  collectBinding,
} from "../../options/bind-option.js";
import { dataOptions, withDataOptions } from "../../options/data-options.js";
import { inputsOrStdin } from "../../options/inputs.js";
import { positiveWholeNumber, wholeNumber } from "../../options/numbers.js";
import { runOf } from "../../options/run-options.js";
import type { Interruption } from "../../terminal/interruption.js";
import { createTerminal, type Terminal } from "../../terminal/terminal.js";
import { printFirst, printNext } from "./suggestions.js";

/** What the options of the command say. */
interface SuggestFlags {
  readonly from?: string | undefined;
  readonly count: number;
  readonly base?: string | undefined;
  readonly preprocess?: string | undefined;
  readonly bind: readonly string[];
  readonly seed?: number | undefined;
  readonly forecast: boolean;
  readonly cache: boolean;
  readonly json?: boolean | undefined;
}

/** `engraft suggest`: what to label first, and what next. */
export function suggestCommand(interruption: Interruption): CommandUnknownOpts {
  const { signal } = interruption;
  const command = withDataOptions(
    new Command("suggest")
      .description(
        "Choose what to label: one typical input of each cluster, or where a task is uncertain.",
      )
      .argument("[inputs...]", "texts, files or folders; without any, one input per line of stdin")
      .option("--from <task>", "task folder: what is known so far (default: nothing is)")
      .option(
        "-n, --count <number>",
        "how many to choose",
        positiveWholeNumber,
        DEFAULT_SUGGESTIONS,
      ),
  )
    .option(
      "--base <name>",
      "without a task: base model, or the path of an ONNX file (default: by the kind of data)",
    )
    .option("--preprocess <how>", "how inputs of an ONNX file are prepared, as for train")
    .option(BIND_OPTION, BIND_TEXT, collectBinding, [])
    .option("--seed <n>", "without a task: seed of the clusters (default: 0)", wholeNumber)
    .option("--no-forecast", "with a task: do not forecast what more labels will bring")
    .option("--skip-bad", "go on without inputs that cannot be read")
    .option("--no-cache", "do not keep computed features")
    .option("--quiet", "print results only")
    .option("--json", "print one JSON object per line")
    .addHelpText("after", EXAMPLES)
    .action(async (inputs, { quiet = false, ...flags }) => {
      const terminal = createTerminal({ quiet });
      const given = inputsOrStdin(inputs, signal, "Nothing to choose from: give files");
      const reading = { ...dataOptions(flags), ...runOf(interruption, terminal) };
      await using engraft = createEngraft();
      const { from, cache } = flags;
      if (from === undefined) {
        const source = namedInputs(given, { ...reading, labels: true });
        await suggestFirst(engraft, source, { ...flags, ...reading, cache }, terminal);
      } else {
        refuseTogether(flags);
        const task = await engraft.loadTask(from);
        const { modality } = task;
        const source = namedInputs(given, { ...reading, modality, labels: true });
        const { count, forecast, json } = flags;
        const found = await task.suggest(source, { ...reading, count, forecast, cache });
        terminal.done();
        await printNext(terminal, found, from, json);
      }
    });
  return command;
}

const EXAMPLES = `
Without a task a line is the source, the number of its cluster, how many inputs it stands for, and the
text. With one it is the source, the label that the task would give, its probability, and the text.

Examples:
  engraft suggest inbox.csv -n 20                        20 to begin with, of 20 clusters
  engraft suggest inbox.csv --from mails.engraft -n 20   20 more
  engraft suggest photos/ --json > to-label.jsonl`;

/** @throws UsageError when options are given that a task has already decided. */
function refuseTogether({ base, preprocess, bind, seed }: SuggestFlags): void {
  const given = [
    ...(base === undefined ? [] : ["--base"]),
    ...(preprocess === undefined ? [] : ["--preprocess"]),
    ...(bind.length === 0 ? [] : ["--bind"]),
    ...(seed === undefined ? [] : ["--seed"]),
  ];
  if (given.length === 0) return;
  throw new UsageError(
    `${given.join(" and ")} cannot be given with --from: the task says which base is read. Leave one out.`,
  );
}

async function suggestFirst(
  engraft: Engraft,
  source: AsyncIterable<NamedInput | DataProblem>,
  { bind, json, ...options }: SuggestFlags,
  terminal: Terminal,
): Promise<void> {
  const found = await engraft.suggest(source, { ...options, bind: bindingsGiven(bind) });
  terminal.done();
  await printFirst(terminal, found, options.count, json);
}
