import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { UsageError } from "@engraft/core/errors";
import { type Correction, correctedName } from "@engraft/data";
import type { LabelReview, ReadingOptions, SuspectLabel } from "@engraft/tasks/predict";
import { applyCorrections, requireFree } from "../../../corrections.js";
import { createEngraft } from "../../../engraft.js";
import { dataOptions, withDataOptions } from "../../options/data-options.js";
import { share } from "../../options/numbers.js";
import { runOf } from "../../options/run-options.js";
import { EXIT } from "../../terminal/exit.js";
import { oneLine } from "../../terminal/format.js";
import type { Interruption } from "../../terminal/interruption.js";
import { openReviewer } from "../../terminal/reviewer.js";
import { createTerminal, type Terminal } from "../../terminal/terminal.js";
import { walkLabels } from "./label-walk.js";

/** `engraft relabel`: labels that are probably wrong. */
export function relabelCommand(interruption: Interruption): CommandUnknownOpts {
  const command = withDataOptions(
    new Command("relabel")
      .description("Walk through labels that are probably wrong, and write a corrected copy.")
      .argument("<data>", "labelled data, in any layout that train understands")
      .requiredOption("--from <task>", "task folder, trained on this data or on data like it")
      .option("-o, --output <file>", "where to write; by default beside the data, under a new name")
      .addOption(new Option("--list", "print the list, ask and write nothing").conflicts("accept"))
      .option(
        "--accept <probability>",
        "ask nothing: take suggestions that are so probable",
        share,
      ),
  )
    .option("--skip-bad", "go on without bad rows and files")
    .option("--no-cache", "do not keep computed features")
    .option("--quiet", "print results only")
    .option("--json", "print the list as one JSON object per line, ask nothing")
    .addHelpText("after", EXAMPLES)
    .action(async (data, { quiet = false, json = false, ...options }) => {
      const terminal = createTerminal({ quiet });
      const reading = dataOptions(options);
      const { list = false, accept, output = correctedName(data) } = options;
      const asks = accept === undefined && !list && !json && isAtTerminal();
      if (asks || accept !== undefined) await requireFree(output);
      else if (options.output !== undefined) throw nothingToWrite(output);
      await using engraft = createEngraft();
      const task = await engraft.loadTask(options.from);
      const review = await task.findLabelErrors(data, {
        ...runOf(interruption, terminal),
        ...reading,
        cache: options.cache,
      });
      terminal.done();
      const { suspects, examples } = review;
      terminal.note(`${suspects.length} of ${examples} labels are probably wrong.`);
      if (asks) {
        const corrections = await ask(review, data, interruption, terminal);
        await save(data, corrections, output, reading, terminal);
        return;
      }
      const taken = suspects.filter(
        ({ probabilityOfSuggested }) => probabilityOfSuggested >= (accept ?? 0),
      );
      for (const suspect of taken) {
        await (json ? terminal.json(toJson(suspect)) : terminal.row(...toRow(suspect)));
      }
      if (accept === undefined) return;
      const corrections = taken.map(({ suggested, ...rest }) => ({ ...rest, label: suggested }));
      await save(data, corrections, output, reading, terminal);
    });
  return command;
}

const EXAMPLES = `
At a terminal it asks about every label; elsewhere, and with --list or --json, it prints them: the
source, the label, the suggestion, the probability of each, and the text. The worst come first.

Examples:
  engraft relabel mails.csv --from mails.engraft                # asks, then writes mails.relabelled.csv
  engraft relabel mails.csv --from mails.engraft --json > suspects.jsonl
  engraft relabel mails.csv --from mails.engraft --accept 0.95 -o cleaned.csv`;

function nothingToWrite(output: string): UsageError {
  return new UsageError(
    `A list is printed, and nothing would be written to ${output}. Leave -o out, add --accept ` +
      "<probability>, or answer at a terminal, without --list and --json.",
  );
}

function isAtTerminal(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** Asks about each label. What was decided before Ctrl-C counts. */
async function ask(
  review: LabelReview,
  data: string,
  interruption: Interruption,
  terminal: Terminal,
): Promise<readonly Correction[]> {
  interruption.catchSignals();
  const isFolder = (await stat(data)).isDirectory();
  const reviewer = openReviewer(review.labels, interruption.signal);
  try {
    const locate = (source: string): string => (isFolder ? join(data, source) : source);
    const { corrections, decided, interrupted } = await walkLabels(review, reviewer, locate);
    terminal.note(`${decided} looked at, ${corrections.length} changed.`);
    if (interrupted) {
      const terminated = interruption.caughtSignal === "SIGTERM";
      process.exitCode = terminated ? EXIT.terminated : EXIT.interrupted;
    }
    return corrections;
  } finally {
    reviewer.close();
  }
}

async function save(
  data: string,
  corrections: readonly Correction[],
  output: string,
  reading: ReadingOptions,
  terminal: Terminal,
): Promise<void> {
  if (corrections.length === 0) return terminal.note("There is nothing to write.");
  await applyCorrections(data, corrections, output, reading);
  terminal.note(`Wrote ${output}; ${data} is as it was.`);
}

function toJson({ input, probabilityOfGiven, ...suspect }: SuspectLabel): object {
  const { source, given, suggested, probabilityOfSuggested, neighboursDisagreeing } = suspect;
  const text = input.kind === "text" ? input.text : undefined;
  return {
    source,
    text,
    given,
    suggested,
    score: probabilityOfGiven,
    probability: probabilityOfSuggested,
    neighboursDisagreeing,
  };
}

function toRow(suspect: SuspectLabel): string[] {
  const { source, input, given, suggested } = suspect;
  return [
    source,
    given,
    suggested,
    suspect.probabilityOfGiven.toFixed(3),
    suspect.probabilityOfSuggested.toFixed(3),
    ...(input.kind === "text" ? [oneLine(input.text)] : []),
  ];
}
