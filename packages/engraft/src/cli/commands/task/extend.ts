import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { textTable } from "@engraft/core/escape";
import {
  describeHelp,
  type Extension,
  isMeasured,
  lookAlikesJson,
  type MeasuredManifest,
  metricsTable,
  requireMeasured,
  type SearchReason,
  type TaskManifest,
  withInterval,
} from "@engraft/tasks/predict";
import { createEngraft } from "../../../engraft.js";
import { dataOptions, withDataOptions } from "../../options/data-options.js";
import { runOf } from "../../options/run-options.js";
import { sharesGiven, sharesOption } from "../../options/shares-option.js";
import {
  keepUnlabelledOption,
  unlabelledGiven,
  unlabelledOption,
} from "../../options/unlabelled-option.js";
import type { Interruption } from "../../terminal/interruption.js";
import { createTerminal, formatSeconds, type Terminal } from "../../terminal/terminal.js";

/** `engraft extend`: more examples and more classes for a task. */
export function extendCommand(interruption: Interruption): CommandUnknownOpts {
  const command = withDataOptions(
    new Command("extend")
      .description("Add examples and classes to a task, without a new pass over the old ones.")
      .argument("<task>", "task folder, trained without --no-examples and --fine-tune")
      .argument("<data>", "labelled data, in any layout that train understands")
      .option("-o, --output <folder>", "where to write the extended task (default: in its place)"),
  )
    .addOption(unlabelledOption())
    .addOption(sharesOption())
    .addOption(keepUnlabelledOption())
    .option(
      "--data <folder...>",
      "the images that the task was trained on, for those that the feature cache has lost",
    )
    .option("--search", "choose views and regularisation again, however little has changed")
    .option("--skip-bad", "go on without bad new rows and files, and record them in the task")
    .option("--no-cache", "neither read nor write the feature cache")
    .option("--quiet", "print results only")
    .option("--json", "print what changed as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (path, more, { output = path, quiet = false, json, ...options }) => {
      const terminal = createTerminal({ quiet });
      await using engraft = createEngraft();
      const task = await engraft.loadTask(path);
      const next = await task.extend(more, {
        ...runOf(interruption, terminal),
        ...dataOptions(options),
        output,
        unlabelled: unlabelledGiven(options.unlabelled),
        classShares: sharesGiven(options.shares),
        keepUnlabelled: options.keepUnlabelled,
        oldData: options.data,
        search: options.search,
        cache: options.cache,
      });
      terminal.done();
      const { manifest, extension } = next;
      if (extension === undefined) throw new Error("internal: an extension says what changed");
      if (json) await terminal.json(toJson(manifest, extension, output));
      else printExtension(terminal, requireMeasured(manifest), extension, output);
    });
  return command;
}

const EXAMPLES = `
An example that the task has already is not added again; with another label, the new label replaces
the old. Settings are chosen again where more than a tenth of the examples changed since they were
chosen, or the labels did.

Examples:
  engraft extend parts.engraft more-photos/             parts.engraft is replaced at the end
  engraft extend mails.engraft corrected.csv -o next.engraft --json`;

/** What scripts rely on. */
function toJson(manifest: TaskManifest, { before, ...changes }: Extension, output: string): object {
  const { evaluation, dataset, names, unlabelled, seconds } = manifest;
  return {
    task: output,
    ...changes,
    searched: changes.searched ?? null,
    ...(names && { names }),
    ...(unlabelled && { unlabelled }),
    examples: dataset.examples,
    method: evaluation.method,
    before: before.evaluation.outOfFold,
    after: evaluation.outOfFold,
    ...(evaluation.val && { val: evaluation.val }),
    ...(evaluation.test && { test: evaluation.test }),
    skipped: dataset.skipped,
    overlap: dataset.overlap,
    truncation: dataset.truncation,
    lookAlikeLabels: lookAlikesJson(manifest),
    seconds,
  };
}

const REASONS: Record<SearchReason, string> = {
  asked: "as asked for",
  labels: "because the labels changed",
  growth: "because much has changed since they were chosen",
  duplicates: "because new examples tie old ones of different folds together",
  unlabelled: "because what is chosen depends on the unlabelled examples",
  views: "because the names of the labels are of no use any more",
  unknown: "as always below 500 examples, and for tasks of Engraft 0.1",
};

function printExtension(
  terminal: Terminal,
  manifest: MeasuredManifest,
  { before, added, repeated, relabelled, newLabels, searched }: Extension,
  output: string,
): void {
  const { dataset, seconds } = manifest;
  terminal.note(
    `${added} examples added, now ${dataset.examples}; extended in ${formatSeconds(seconds)}.`,
  );
  if (repeated > 0) terminal.note(`The task had ${repeated} of the new examples already.`);
  if (searched !== undefined) {
    terminal.note(`Views and regularisation were chosen again, ${REASONS[searched]}.`);
  }
  terminal.note("");
  terminal.out(describeHelp(manifest));
  const { evaluation } = manifest;
  const { outOfFold } = evaluation;
  terminal.out(`Out of fold, 95 % intervals (${evaluation.method}):`, "");
  terminal.out(
    metricsTable([
      ...(isMeasured(before)
        ? ([
            [`before, ${before.evaluation.outOfFold.n} measured`, before.evaluation.outOfFold],
          ] as const)
        : []),
      [`now, ${outOfFold.n} measured`, outOfFold],
    ]),
  );
  for (const split of ["val", "test"] as const) {
    const metrics = evaluation[split];
    if (metrics) {
      const accuracy = withInterval(metrics.accuracy, metrics.intervals.accuracy);
      terminal.out("", `On the ${split} split: accuracy ${accuracy}, ${metrics.n} examples.`);
    } else if (before.evaluation[split]) {
      terminal.note(
        "",
        `The metrics of the ${split} split were the old task's. Measure again: engraft evaluate.`,
      );
    }
  }
  if (newLabels.length > 0) {
    const isNew = new Set(newLabels);
    const rows = outOfFold.perClass.filter(({ label }) => isNew.has(label));
    terminal.out("");
    terminal.out(
      textTable(
        ["new label", "recall", "precision", "measured"],
        rows.map(({ label, recall, precision, support }) => [
          label,
          recall.toFixed(3),
          precision.toFixed(3),
          String(support),
        ]),
      ),
    );
  }
  if (relabelled.length > 0) {
    terminal.out("");
    terminal.out(
      textTable(
        ["relabelled", "was", "now"],
        relabelled.map(({ source, was, label }) => [source, was, label]),
      ),
    );
  }
  terminal.out("", `Wrote ${output}.`);
}
