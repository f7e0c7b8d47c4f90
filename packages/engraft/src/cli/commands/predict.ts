import { Command } from "@commander-js/extra-typings";
import { DataError } from "@engraft/core/errors";
import { TruncationCounter } from "@engraft/core/predict";
import type { SelectivePrediction } from "@engraft/tasks";
import { truncationWarning } from "@engraft/tasks/predict";
import { readInputs } from "../../data/index.js";
import { loadTask } from "../../tasks/load.js";
import type { PredictOptions, Task } from "../../tasks/task.js";
import { unpredictable } from "../../tasks/unpredictable.js";
import {
  dataOptions,
  imageFolderOption,
  maxPixelsOption,
  noHeaderOption,
} from "../data-options.js";
import { shorten } from "../format.js";
import { inputsOrStdin } from "../inputs.js";
import { properShare } from "../numbers.js";
import { createTerminal, type Terminal } from "../terminal.js";

/** `engraft predict`: labels for texts or images. */
export function predictCommand(signal: AbortSignal): Command {
  const command = new Command("predict")
    .description("Predict the labels of texts or images.")
    .argument("<task>", "task folder")
    .argument("[inputs...]", "texts, files or folders; without any, one input per line of stdin")
    .option("--text <column>", "column with the texts, for data files")
    .option("--image <column>", "column with the paths of images, for data files")
    .addOption(imageFolderOption())
    .addOption(noHeaderOption())
    .addOption(maxPixelsOption())
    .option("--skip-bad", "go on without inputs that cannot be read")
    .option(
      "--max-error <share>",
      "answer only where so few answers are wrong, as 0.02",
      properShare,
    )
    .option(
      "--sets <coverage>",
      "name labels that hold the right one so often, as 0.95",
      properShare,
    )
    .option("--outliers", "tell inputs that are unlike all training examples")
    .option("--json", "print one JSON object per line")
    .addHelpText("after", EXAMPLES)
    .action(async (path, inputs, options) => {
      const { skipBad = false, json = false, outliers, maxError, sets: coverage } = options;
      const terminal = createTerminal({ quiet: false });
      const given = inputsOrStdin(inputs, signal, "Nothing to predict: give texts or files");
      const task = await loadTask(path, { outliers });
      try {
        const stream = readInputs(given, {
          ...dataOptions(options),
          modality: task.manifest.modality,
          signal,
          onWarning: terminal.warn,
          onSkip: skipBad ? ({ where, what }) => skip(terminal, where, what) : undefined,
        });
        await printAll(task, stream, terminal, { signal, skipBad, json, maxError, coverage });
      } finally {
        await task.close();
      }
    });
  return command as unknown as Command;
}

const EXAMPLES = `
Examples:
  engraft predict parts.engraft new/*.jpg
  engraft predict mails.engraft "Win a free cruise!!!"
  engraft predict mails.engraft --json < lines.txt
  engraft predict parts.engraft new/*.jpg --outliers           # "(outlier)" where an image is of another kind
  engraft predict mails.engraft --max-error 0.02 < lines.txt   # "(unsure)" where a person should look`;

async function printAll(
  task: Task,
  inputs: ReturnType<typeof readInputs>,
  terminal: Terminal,
  { skipBad, json, ...options }: PredictOptions & { skipBad: boolean; json: boolean },
): Promise<void> {
  const problems: { where: string; what: string }[] = [];
  const truncation = new TruncationCounter();
  for await (const { source, input, result } of task.stream(inputs, options)) {
    if (result instanceof DataError) {
      problems.push({ where: source, what: result.message });
      if (skipBad) skip(terminal, source, result.message);
    } else {
      const text = input.kind === "text" ? input.text : undefined;
      if (text !== undefined) truncation.add(text, result.truncated);
      if (json) await terminal.json(toJson(text ?? source, result));
      else await terminal.row(...toCells(result), text === undefined ? source : shorten(text));
    }
  }
  const warning = truncationWarning(truncation.total, task.manifest);
  if (warning !== undefined) terminal.warn(warning);
  if (problems.length > 0 && !skipBad) throw unpredictable(problems);
}

function skip(terminal: Terminal, where: string, what: string): void {
  terminal.note(`skipped ${where}: ${what}`);
}

/** Fields that were not asked for are left out. */
function toJson(
  input: string,
  {
    label,
    probability,
    probabilities,
    answered,
    labels,
    familiarity,
    truncated,
  }: SelectivePrediction,
): object {
  return { input, label, probability, probabilities, answered, labels, familiarity, truncated };
}

/** Label or labels, and the probability. */
function toCells({
  label,
  probability,
  answered = true,
  labels,
  familiarity,
}: SelectivePrediction): string[] {
  const answer = answered ? (labels ?? [label]).join(" | ") : "(unsure)";
  const shown = familiarity?.outlier ? `${answer} (outlier)` : answer;
  return [shown, probability.toFixed(3)];
}
