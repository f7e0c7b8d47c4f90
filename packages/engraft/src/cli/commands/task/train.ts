import { basename, resolve } from "node:path";
import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { UsageError } from "@engraft/core";
import { shellWord } from "@engraft/core/escape";
import {
  FINE_TUNE_RECIPES,
  type FineTuneInput,
  type FineTuneRecipe,
  parseFineTune,
} from "@engraft/core/internal";
import { CLASS_WEIGHTS, CLASSIFIER_KINDS, VIEW_CHOICES } from "@engraft/core/predict";
import {
  lookAlikesJson,
  type ReportOptions,
  type Task,
  type TaskManifest,
  type TrainOptions,
} from "@engraft/tasks/predict";
import { createEngraft } from "../../../engraft.js";
import {
  BIND_OPTION,
  BIND_TEXT,
  bindingsGiven,
  collectBinding,
} from "../../options/bind-option.js";
import { dataOptions, withDataOptions } from "../../options/data-options.js";
import { describeOption, descriptionsGiven, labelsOption } from "../../options/describe-option.js";
import { notNegative, share, wholeNumber } from "../../options/numbers.js";
import { runOf } from "../../options/run-options.js";
import { sharesGiven, sharesOption } from "../../options/shares-option.js";
import {
  keepUnlabelledOption,
  unlabelledGiven,
  unlabelledOption,
} from "../../options/unlabelled-option.js";
import type { Interruption } from "../../terminal/interruption.js";
import { createTerminal, formatSeconds, type Terminal } from "../../terminal/terminal.js";

/** `engraft train`: from labelled data to a task. */
export function trainCommand(interruption: Interruption): CommandUnknownOpts {
  const command = withDataOptions(
    new Command("train")
      .description("Train a task on labelled texts or images.")
      .argument(
        "<data>",
        "a CSV, TSV, JSONL or Parquet file, or a folder with one sub-folder per label",
      )
      .option(
        "-o, --output <folder>",
        "where to write the task; in one file where it ends in .zip (default: <data>.engraft)",
      ),
  )
    .addOption(unlabelledOption())
    .addOption(sharesOption())
    .addOption(keepUnlabelledOption())
    .addOption(describeOption())
    .addOption(labelsOption())
    .option(
      "--base <name>",
      "base model, or the path of an ONNX file (default: by the kind of data)",
    )
    .option(
      "--preprocess <how>",
      "how inputs of an ONNX file are prepared: imagenet, or a JSON file that says it",
    )
    .option(BIND_OPTION, BIND_TEXT, collectBinding, [])
    .addOption(
      new Option(
        "--views <choice>",
        "what the probes look at: several layers, stacked, or the last one",
      )
        .choices(VIEW_CHOICES)
        .default("auto" as const),
    )
    .addOption(
      new Option("--head <kind>", "kind of classifier on the frozen features")
        .choices(CLASSIFIER_KINDS)
        .default("logistic" as const),
    )
    .addOption(
      new Option("--class-weights <kind>", "how much each class counts")
        .choices(CLASS_WEIGHTS)
        .default("none" as const),
    )
    .option(
      "--fine-tune <weights>",
      "fine-tune the base too, kept if better: auto, top:<blocks>, all, bias or lora:<rank>",
    )
    .addOption(
      new Option("--recipe <kind>", "how to fine-tune (default: by the kind of data)").choices(
        FINE_TUNE_RECIPES,
      ),
    )
    .option("--interpolate <share>", "weights between frozen (0) and tuned (1)", share)
    .option("--margin <n>", "standard errors by which the tuned base has to be better", notNegative)
    .option("--max-tokens <n>", "cut texts after so many tokens", wholeNumber)
    .option("--no-examples", "keep no texts in the task; report, extend and outliers need them")
    .option("--seed <n>", "seed of every random choice", wholeNumber, 0)
    .option("--skip-bad", "go on without bad rows and files, and record them in the task")
    .option("--no-cache", "neither read nor write the feature cache")
    .option("--report", "write a page about the task into its folder, too")
    .option("--quiet", "print results only")
    .option("--json", "print the metrics as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (data, options) => {
      const terminal = createTerminal({ quiet: options.quiet === true });
      const output = options.output ?? defaultOutput(data);
      const { labels } = options;
      if (labels !== undefined && options.report) {
        throw new UsageError("--report needs labelled examples: leave --report or --labels out.");
      }
      const descriptions = await descriptionsGiven(options.describe);
      const run = runOf(interruption, terminal);
      await using engraft = createEngraft();
      const settings: TrainOptions = {
        ...run,
        ...dataOptions(options),
        output,
        unlabelled: unlabelledGiven(options.unlabelled),
        classShares: sharesGiven(options.shares),
        keepUnlabelled: options.keepUnlabelled,
        base: options.base,
        preprocess: options.preprocess,
        bind: bindingsGiven(options.bind),
        views: options.views,
        head: options.head,
        classWeights: options.classWeights,
        maxTokens: options.maxTokens,
        fineTune: fineTuneOf(options),
        keepExamples: options.examples,
        seed: options.seed,
        cache: options.cache,
        descriptions,
      };
      const task =
        labels === undefined
          ? await engraft.train(data, settings)
          : await engraft.train(data, { ...settings, labels });
      terminal.done();
      const report = options.report
        ? await writeReport(task, { ...run, data, cache: options.cache }, terminal)
        : undefined;
      if (options.json) await terminal.json(trainingJson(task.manifest, output, report));
      else printTraining(terminal, task, output, report);
    });
  return command;
}

/** Writes the report on a task whose data is at hand; returns where it is. */
async function writeReport(
  task: Task,
  options: ReportOptions,
  terminal: Terminal,
): Promise<string | undefined> {
  const { output, missing } = await task.report(options);
  terminal.done();
  for (const sentence of missing) terminal.note(`missing in the report: ${sentence}`);
  return output;
}

/** The settings of fine-tuning, where it is asked for. */
function fineTuneOf(options: {
  fineTune?: string | undefined;
  recipe?: FineTuneRecipe | undefined;
  interpolate?: number | undefined;
  margin?: number | undefined;
}): FineTuneInput | undefined {
  const { fineTune, recipe, interpolate: interpolation, margin } = options;
  const settings = { recipe, interpolation, margin };
  if (fineTune === undefined) {
    if (Object.values(settings).every((value) => value === undefined)) return undefined;
    throw new UsageError(
      "--recipe, --interpolate and --margin need --fine-tune: say which weights to train.",
    );
  }
  return { ...parseFineTune(fineTune), ...settings };
}

const EXAMPLES = `
Examples:
  engraft train mails.csv                 columns text and label; writes mails.engraft
  engraft train photos/ -o parts.engraft  photos/<label>/*.jpg
  engraft train tickets.jsonl --text body --label team --json
  engraft train mails.csv --unlabelled inbox.csv --describe spam="offers nobody asked for"
  engraft train inbox.csv --labels "invoice, complaint, praise"  no label yet: a start
  engraft train photos/ --fine-tune top:2  tunes the last two blocks as well, if that helps`;

/** `mails.csv` becomes `mails.engraft`, `photos/` becomes `photos.engraft`. */
export function defaultOutput(data: string): string {
  // "." and ".." are not the folder's name.
  const path = /^\.{1,2}$/.test(basename(data)) ? resolve(data) : data;
  const name = path.replace(/[\\/]+$/, "");
  return `${name.replace(/\.(csv|tsv|jsonl|ndjson|json|parquet)$/i, "")}.engraft`;
}

/** What scripts rely on: the metrics out of fold, and those of other splits beside them. */
function trainingJson(
  { evaluation, head, ...manifest }: TaskManifest,
  output: string,
  report: string | undefined,
): object {
  return {
    task: output,
    report,
    ...evaluation.outOfFold,
    method: evaluation.method,
    measured: evaluation.outOfFold !== undefined,
    ...(manifest.names && { names: manifest.names }),
    ...(manifest.unlabelled && { unlabelled: manifest.unlabelled }),
    ...(manifest.fineTuning && { fineTuning: manifest.fineTuning }),
    views: Object.fromEntries(head.views.map(({ name, weight }) => [name, weight])),
    ...(evaluation.val && { val: evaluation.val }),
    ...(evaluation.test && { test: evaluation.test }),
    skipped: manifest.dataset.skipped,
    overlap: manifest.dataset.overlap,
    truncation: manifest.dataset.truncation,
    lookAlikeLabels: lookAlikesJson(manifest),
    seconds: manifest.seconds,
  };
}

function printTraining(
  terminal: Terminal,
  task: Task,
  output: string,
  report: string | undefined,
): void {
  const { dataset, unlabelled, base, seconds } = task.manifest;
  const examples = task.isMeasured
    ? `${dataset.examples} examples`
    : `${unlabelled?.given} texts without a label`;
  terminal.note(
    `${examples}, ${task.labels.length} labels, base ${base.id}, ` +
      `trained in ${formatSeconds(seconds)}.`,
  );
  if (dataset.skipped.length > 0)
    terminal.note(`Left out: ${dataset.skipped.length} bad examples.`);
  if (dataset.nearDuplicates > 0) {
    terminal.note(
      `Near-duplicates, kept together when splitting: ${dataset.nearDuplicates} examples.`,
    );
  }
  terminal.note("");
  terminal.out(String(task).split("\n"));
  const place = shellWord(output);
  terminal.out(
    "",
    `Wrote ${output}. Try: engraft predict ${place} ${exampleInput(task.manifest)}`,
    task.isMeasured
      ? `Where it is wrong, and what would help: ${report ?? `engraft report ${place}`}`
      : `What to label first: engraft suggest --from ${place} <texts>; then engraft extend ${place} <labelled>`,
  );
}

function exampleInput({ modality }: TaskManifest): string {
  return modality === "text" ? '"some text"' : "image.jpg";
}
