import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { textTable } from "@engraft/core/escape";
import {
  type Evaluation,
  type Metrics,
  metricsTable,
  type TaskManifest,
  trainedOnWarning,
  truncationWarning,
} from "@engraft/tasks/predict";
import { createEngraft } from "../../../engraft.js";
import { dataOptions, withDataOptions } from "../../options/data-options.js";
import { withFlags } from "../../terminal/option-flags.js";
import { createTerminal, type Terminal } from "../../terminal/terminal.js";

/** Confusion matrices of more labels than this are left to `--json`. */
const MAX_PRINTED_LABELS = 12;

/** `engraft evaluate`: measures a task on labelled data. */
export function evaluateCommand(signal: AbortSignal): CommandUnknownOpts {
  const command = withDataOptions(
    new Command("evaluate")
      .description("Measure a task on labelled examples that it was not trained on.")
      .argument("<task>", "task folder")
      .argument("<data>", "labelled data, in any layout that train understands"),
  )
    .option("--skip-bad", "go on without bad rows and files")
    .option("--quiet", "print results only")
    .option("--json", "print the metrics as JSON")
    .addHelpText("after", "\nExample:\n  engraft evaluate parts.engraft test/ --json")
    .action(async (path, data, { quiet = false, json, ...options }) => {
      const terminal = createTerminal({ quiet });
      await using engraft = createEngraft();
      const task = await engraft.loadTask(path);
      const evaluation = await task.evaluate(data, {
        ...dataOptions(options),
        signal,
        onProgress: terminal.progress,
        onWarning: terminal.warn,
      });
      terminal.done();
      for (const warning of warningsOf(evaluation, task.manifest)) terminal.warn(warning);
      if (json) await terminal.json(evaluation);
      else printMetrics(terminal, evaluation);
    });
  return command;
}

function warningsOf(
  { trainedOn, truncation, skipped, n }: Evaluation,
  manifest: TaskManifest,
): string[] {
  const [first] = skipped;
  return [
    trainedOnWarning(trainedOn, n),
    truncationWarning(truncation, manifest),
    first &&
      `${skipped.length} examples were left out, first ${first.where}: ${withFlags(first.what)}`,
  ].filter((warning) => warning !== undefined);
}

function printMetrics(terminal: Terminal, metrics: Metrics): void {
  terminal.out(`Measured on ${metrics.n} examples, with 95 % intervals:`, "");
  terminal.out(metricsTable([["this task", metrics]]));
  if (metrics.calibrationError !== undefined) {
    const points = (100 * metrics.calibrationError).toFixed(1);
    terminal.out(
      "",
      `Probabilities are off by ${points} points on average (expected calibration error).`,
    );
  }
  terminal.out("");
  terminal.out(
    textTable(
      ["label", "precision", "recall", "F1", "examples"],
      metrics.perClass.map(({ label, precision, recall, f1, support }) => [
        label,
        precision.toFixed(3),
        recall.toFixed(3),
        f1.toFixed(3),
        String(support),
      ]),
    ),
  );
  if (metrics.labels.length > MAX_PRINTED_LABELS) return;
  terminal.out("", "Rows are the right labels, columns the predicted ones:");
  terminal.out(
    textTable(
      ["", ...metrics.labels],
      metrics.confusion.map((row, index) => [metrics.labels[index]!, ...row.map(String)]),
    ),
  );
}
