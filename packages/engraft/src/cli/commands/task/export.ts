import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { type ExportedTask, metricsTable } from "@engraft/tasks/predict";
import { createEngraft } from "../../../engraft.js";
import { namedInputs } from "../../../host/data/data.js";
import { dataOptions, withDataOptions } from "../../options/data-options.js";
import { formatBytes } from "../../terminal/format.js";
import { createTerminal, type Terminal } from "../../terminal/terminal.js";

/** `engraft export`: a task as one ONNX model that needs no Engraft. */
export function exportCommand(signal: AbortSignal): CommandUnknownOpts {
  const command = withDataOptions(
    new Command("export")
      .description("Export a task as one ONNX model that runs without Engraft, in any language.")
      .argument("<task>", "task folder")
      .argument(
        "[inputs...]",
        "texts, files or folders on which the model is compared with the task",
      )
      .requiredOption("--onnx <folder>", "where to write the model and what is needed to use it")
      .option("--int8", "store the large weights of the base in 8 bits")
      .option("--data <data>", "labelled data on which the model and the task are measured"),
  )
    .option("--skip-bad", "go on without examples and inputs that cannot be used")
    .option("--quiet", "print results only")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (path, inputs, { onnx, quiet, json, ...options }) => {
      const terminal = createTerminal({ quiet: quiet === true });
      await using engraft = createEngraft();
      const task = await engraft.loadTask(path);
      const reading = { ...dataOptions(options), signal, onWarning: terminal.warn };
      const { modality } = task;
      const exported = await task.export(onnx, {
        ...reading,
        int8: options.int8,
        data: options.data,
        inputs: inputs.length > 0 ? namedInputs(inputs, { ...reading, modality }) : undefined,
        onProgress: terminal.progress,
      });
      terminal.done();
      if (json) await terminal.json(exported);
      else printExport(terminal, exported);
    });
  return command;
}

const EXAMPLES = `
The folder gets model.onnx, labels.json, for texts the tokenizer and the vocabulary, and a README.md
with programs in Python and JavaScript that use them.

Examples:
  engraft export mails.engraft --onnx out/
  engraft export mails.engraft --onnx out/ --int8 --data test.csv   prints what int8 costs
  engraft export parts.engraft --onnx out/ --int8 new/*.jpg         without labels: how often both agree`;

function printExport(terminal: Terminal, exported: ExportedTask): void {
  const { output, weights, files, floatBytes, measured, agreement, skipped } = exported;
  if (skipped.length > 0) terminal.note(`Left out: ${skipped.length} bad examples.`);
  const bytes = formatBytes(files["model.onnx"] ?? 0);
  const size = weights === "int8" ? `${bytes} instead of ${formatBytes(floatBytes)}` : bytes;
  terminal.out(`Wrote ${output}: ${Object.keys(files).join(", ")}. The model has ${size}.`);
  if (measured !== undefined) {
    const rows = [["the task", measured.task] as const, ["exported", measured.exported] as const];
    terminal.out("", `Measured on ${measured.task.n} examples, with 95 % intervals:`, "");
    terminal.out(metricsTable(rows));
  }
  if (agreement !== undefined) {
    terminal.out(
      "",
      `The task and the model give the same label to ${(100 * agreement.agreement).toFixed(1)} % of ` +
        `${agreement.n} inputs; their probabilities differ by ${agreement.largestDifference.toPrecision(2)} at most.`,
    );
  }
  if (weights === "int8" && measured === undefined && agreement === undefined) {
    terminal.note("What int8 costs in accuracy was not measured: give labelled data with --data.");
  }
}
