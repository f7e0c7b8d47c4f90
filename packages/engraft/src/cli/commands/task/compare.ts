import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { textTable } from "@engraft/core/escape";
import type { PairedComparison } from "@engraft/core/internal";
import { type TaskComparison, trainedOnWarning } from "@engraft/tasks/predict";
import { createEngraft } from "../../../engraft.js";
import { dataOptions, withDataOptions } from "../../options/data-options.js";
import { createTerminal, type Terminal } from "../../terminal/terminal.js";

/** Above this, chance alone explains a difference well enough. */
const SIGNIFICANCE = 0.05;

/** `engraft compare`: two tasks on the same labelled examples. */
export function compareCommand(signal: AbortSignal): CommandUnknownOpts {
  const command = withDataOptions(
    new Command("compare")
      .description("Compare two tasks on labelled examples that neither was trained on, in pairs.")
      .argument("<first>", "task folder")
      .argument("<second>", "task folder")
      .argument("<data>", "labelled data, in any layout that train understands"),
  )
    .option("--skip-bad", "go on without bad rows and files")
    .option("--quiet", "print results only")
    .option("--json", "print the metrics as JSON")
    .addHelpText("after", "\nExample:\n  engraft compare old.engraft new.engraft test.csv")
    .action(async (first, second, data, { quiet = false, json, ...options }) => {
      const terminal = createTerminal({ quiet });
      await using engraft = createEngraft();
      const one = await engraft.loadTask(first);
      const other = await engraft.loadTask(second);
      const comparison = await one.compare(other, data, {
        ...dataOptions(options),
        signal,
        onProgress: terminal.progress,
        onWarning: terminal.warn,
      });
      terminal.done();
      warnOf(terminal, [first, second], comparison);
      if (json) await terminal.json(comparison);
      else printComparison(terminal, [first, second], comparison);
    });
  return command;
}

/** Says of each task what to know before believing the comparison. */
function warnOf(
  terminal: Terminal,
  names: readonly [string, string],
  { trainedOn, truncated, n }: TaskComparison,
): void {
  for (const [index, name] of names.entries()) {
    const warning = trainedOnWarning(trainedOn[index], n);
    if (warning !== undefined) terminal.warn(`${name}: ${warning}`);
    const cut = truncated[index] ?? 0;
    if (cut > 0) {
      terminal.warn(`${name}: ${cut} of ${n} texts are longer than the base model reads.`);
    }
  }
}

function printComparison(
  terminal: Terminal,
  names: readonly [string, string],
  { n, accuracy, onlyRight, difference, interval: [low, high], pValue }: PairedComparison,
): void {
  terminal.out(
    textTable(
      ["", "accuracy", "right where the other is wrong"],
      names.map((name, at) => [name, accuracy[at]!.toFixed(3), String(onlyRight[at])]),
    ),
  );
  const points = (share: number): string => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;
  terminal.out(
    "",
    `Difference on ${n} examples: ${points(difference)} points of accuracy, 95 % interval ` +
      `[${points(low)}, ${points(high)}], p ${pValue < 0.001 ? "< 0.001" : `= ${pValue.toFixed(3)}`} (McNemar).`,
  );
  terminal.out(verdict(names, difference, pValue));
}

function verdict(names: readonly [string, string], difference: number, pValue: number): string {
  if (pValue >= SIGNIFICANCE) {
    return "The examples do not tell which of the two is better; chance alone makes such a difference.";
  }
  return `${names[difference > 0 ? 1 : 0]} is better.`;
}
