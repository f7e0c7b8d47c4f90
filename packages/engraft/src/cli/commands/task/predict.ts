import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { DataProblem } from "@engraft/core";
import { TruncationCounter } from "@engraft/core/predict";
import {
  type SelectivePrediction,
  type StreamedPrediction,
  type TaskManifest,
  truncationWarning,
  unmeasuredWarning,
  unpredictable,
} from "@engraft/tasks/predict";
import { createEngraft } from "../../../engraft.js";
import { namedInputs } from "../../../host/data/data.js";
import { dataOptions, withInputOptions } from "../../options/data-options.js";
import { inputsOrStdin } from "../../options/inputs.js";
import { positiveWholeNumber, properShare } from "../../options/numbers.js";
import { oneLine } from "../../terminal/format.js";
import { createTerminal, type Terminal } from "../../terminal/terminal.js";

/** `engraft predict`: labels for texts or images. */
export function predictCommand(signal: AbortSignal): CommandUnknownOpts {
  const command = withInputOptions(
    new Command("predict")
      .description("Predict the labels of texts or images.")
      .argument("<task>", "task folder")
      .argument("[inputs...]", "texts, files or folders; without any, one input per line of stdin"),
  )
    .option("--skip-bad", "go on without inputs that cannot be read")
    .option(
      "--max-error-rate <share>",
      "accept only labels of which so few are wrong, as 0.02",
      properShare,
    )
    .option(
      "--confidence <share>",
      "name a set of labels that holds the right one so often, as 0.95",
      properShare,
    )
    .option("--top <n>", "name so many of the most probable labels", positiveWholeNumber)
    .option("--outliers", "tell inputs that are unlike all training examples")
    .option("--json", "print one JSON object per line")
    .addHelpText("after", EXAMPLES)
    .action(async (path, inputs, { skipBad = false, json = false, outliers, ...options }) => {
      const terminal = createTerminal({ quiet: false });
      const given = inputsOrStdin(inputs, signal, "Nothing to predict: give texts or files");
      const { maxErrorRate, confidence, top: topK } = options;
      await using engraft = createEngraft();
      const task = await engraft.loadTask(path, { outliers });
      const { modality } = task;
      const run = { signal, onWarning: terminal.warn };
      const read = namedInputs(given, { ...dataOptions(options), ...run, modality });
      const stream = task.predictStream(read, { signal, maxErrorRate, confidence, topK });
      await printAll(stream, task.manifest, terminal, { skipBad, json });
    });
  return command;
}

const EXAMPLES = `
Examples:
  engraft predict parts.engraft new/*.jpg
  engraft predict mails.engraft "Win a free cruise!!!"
  engraft predict mails.engraft --json < lines.txt
  engraft predict parts.engraft new/*.jpg --outliers           # "(outlier)" where an image is of another kind
  engraft predict mails.engraft --max-error-rate 0.02 < lines.txt   # "(unsure)" where a person should look`;

async function printAll(
  stream: AsyncIterable<StreamedPrediction>,
  manifest: TaskManifest,
  terminal: Terminal,
  { skipBad, json }: { readonly skipBad: boolean; readonly json: boolean },
): Promise<void> {
  const problems: DataProblem[] = [];
  const truncation = new TruncationCounter();
  for await (const { source, input, prediction, error } of stream) {
    if (error !== undefined) {
      problems.push({ where: source, what: error.message });
      if (skipBad) terminal.note(`skipped ${source}: ${error.message}`);
      continue;
    }
    const text = input.kind === "text" ? input.text : undefined;
    if (text !== undefined) truncation.add(text, prediction.truncated);
    if (json) await terminal.json({ input: text ?? source, ...prediction });
    else await terminal.row(...toCells(prediction), text === undefined ? source : oneLine(text));
  }
  for (const warning of [
    unmeasuredWarning(manifest),
    truncationWarning(truncation.total, manifest),
  ]) {
    if (warning !== undefined) terminal.warn(warning);
  }
  if (problems.length > 0 && !skipBad) throw unpredictable(problems);
}

/** Label or labels, and the probability. */
function toCells({
  label,
  probability,
  accepted = true,
  predictionSet,
  ranking,
  outlier,
  unmeasured,
}: SelectivePrediction): string[] {
  const labels = predictionSet ?? ranking?.map(({ label: ranked }) => ranked) ?? [label];
  const answer = accepted ? labels.join(" | ") : "(unsure)";
  const shown = outlier?.isOutlier ? `${answer} (outlier)` : answer;
  return [shown, `${probability.toFixed(3)}${unmeasured ? " (unmeasured)" : ""}`];
}
