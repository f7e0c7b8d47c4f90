import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "@engraft/core/errors";
import {
  type ExportedPage,
  type ExportedTask,
  type ExportOptions,
  isBaseId,
  metricsTable,
  type Task,
} from "@engraft/tasks/predict";
import { createEngraft } from "../../../engraft.js";
import { namedInputs } from "../../../host/data/data.js";
import { dataOptions, withDataOptions } from "../../options/data-options.js";
import { formatBytes } from "../../terminal/format.js";
import { createTerminal, type Terminal } from "../../terminal/terminal.js";

/** `engraft export`: a task as one ONNX model that needs no Engraft, or as one HTML file that predicts. */
export function exportCommand(signal: AbortSignal): CommandUnknownOpts {
  const command = withDataOptions(
    new Command("export")
      .description(
        "Export a task: as one ONNX model that runs without Engraft, or as one HTML file that predicts.",
      )
      .argument("<task>", "task folder")
      .argument(
        "[inputs...]",
        "texts, files or folders on which the model is compared with the task",
      )
      .option("--onnx <folder>", "where to write the model and what is needed to use it")
      .option(
        "--html <file>",
        "where to write a page that predicts in any browser, without network",
      )
      .option("--title <text>", "the heading of the page (default: the name of the task)")
      .option("--int8", "store the large weights of the base of the model in 8 bits")
      .option("--data <data>", "labelled data on which the model and the task are measured"),
  )
    .option("--skip-bad", "go on without examples and inputs that cannot be used")
    .option("--quiet", "print results only")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (path, inputs, { quiet, json, ...options }) => {
      const terminal = createTerminal({ quiet: quiet === true });
      const target = targetOf(options, inputs);
      await using engraft = createEngraft();
      const task = await engraft.loadTask(path);
      if (target.format === "html") {
        const page = await task.export(target.place, { ...target, signal });
        if (json) await terminal.json(page);
        else printPage(terminal, page);
        return;
      }
      const reading = { ...dataOptions(options), signal, onWarning: terminal.warn };
      const exported = await exportOnnx(task, target.place, inputs, terminal, {
        ...reading,
        int8: options.int8,
        data: options.data,
      });
      if (json) await terminal.json(exported);
      else printExport(terminal, exported);
    });
  return command;
}

/** What is written, and where. */
type Target =
  | { readonly format: "onnx"; readonly place: string }
  | { readonly format: "html"; readonly place: string; readonly title: string | undefined };

/** @throws UsageError when the options ask for both or neither, or for what the page has no use for. */
function targetOf(
  given: {
    readonly onnx?: string | undefined;
    readonly html?: string | undefined;
    readonly title?: string | undefined;
    readonly int8?: true | undefined;
    readonly data?: string | undefined;
  },
  inputs: readonly string[],
): Target {
  const { onnx, html, title } = given;
  if (onnx !== undefined && html === undefined) {
    if (title !== undefined) throw new UsageError("--title is for --html: an ONNX model has none.");
    return { format: "onnx", place: onnx };
  }
  if (html === undefined || onnx !== undefined) {
    throw new UsageError(
      "Say what to write: --onnx <folder> for a model, or --html <file> for a page.",
    );
  }
  if (given.int8) {
    throw new UsageError(
      "--int8 is for --onnx. A page has the base model that its task was trained on: for a small page, " +
        "train with --base minilm-l6-int8 or --base efficientnet-lite0-int8.",
    );
  }
  if (given.data !== undefined || inputs.length > 0) {
    throw new UsageError("A page predicts what its task predicts: data and inputs are for --onnx.");
  }
  return { format: "html", place: html, title };
}

async function exportOnnx(
  task: Task,
  place: string,
  inputs: readonly string[],
  terminal: Terminal,
  options: ExportOptions,
): Promise<ExportedTask> {
  const { modality } = task;
  const exported = await task.export(place, {
    ...options,
    inputs: inputs.length > 0 ? namedInputs(inputs, { ...options, modality }) : undefined,
    onProgress: terminal.progress,
  });
  terminal.done();
  return exported;
}

const EXAMPLES = `
The folder gets model.onnx, labels.json, for texts the tokenizer and the vocabulary, and a README.md
with programs in Python and JavaScript that use them.

The page holds the task, its base model and ONNX Runtime. It opens from a disk or any server.

Examples:
  engraft export mails.engraft --html mails.html
  engraft export mails.engraft --onnx out/
  engraft export mails.engraft --onnx out/ --int8 --data test.csv   prints what int8 costs
  engraft export parts.engraft --onnx out/ --int8 new/*.jpg         without labels: how often both agree`;

function printPage(terminal: Terminal, { output, bytes, base }: ExportedPage): void {
  terminal.out(`Wrote ${output}: ${formatBytes(bytes)}.`);
  const small = `${base.id}-int8`;
  if (!isBaseId(small)) return;
  terminal.note(
    `The base model ${base.id} takes ${formatBytes(base.bytes)} of it. For a page of about half the ` +
      `size, train the task with --base ${small}.`,
  );
}

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
