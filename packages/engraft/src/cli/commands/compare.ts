import { Command } from "@commander-js/extra-typings";
import type { PairedComparison } from "@engraft/core/internal";
import { trainedOnWarning } from "@engraft/tasks/predict";
import { readDataset } from "../../data/index.js";
import { loadTask } from "../../tasks/load.js";
import {
  dataOptions,
  imageFolderOption,
  maxPixelsOption,
  noHeaderOption,
} from "../data-options.js";
import { formatTable } from "../format.js";
import { createTerminal, type Terminal } from "../terminal.js";

/** Above this, chance alone explains a difference well enough. */
const SIGNIFICANCE = 0.05;

/** `engraft compare`: two tasks on the same labelled examples. */
export function compareCommand(signal: AbortSignal): Command {
  const command = new Command("compare")
    .description("Compare two tasks on labelled examples that neither was trained on, in pairs.")
    .argument("<first>", "task folder")
    .argument("<second>", "task folder")
    .argument("<data>", "labelled data, in any layout that train understands")
    .option("--text <column>", "column with the texts")
    .option("--image <column>", "column with the paths of images")
    .option("--label <column>", "column with the labels")
    .addOption(imageFolderOption())
    .addOption(noHeaderOption())
    .addOption(maxPixelsOption())
    .option("--skip-bad", "go on without bad rows and files")
    .option("--quiet", "print results only")
    .option("--json", "print the figures as JSON")
    .addHelpText("after", "\nExample:\n  engraft compare old.engraft new.engraft test.csv")
    .action(async (first, second, data, options) => {
      const { skipBad = false, quiet = false, json } = options;
      const terminal = createTerminal({ quiet });
      const columns = dataOptions(options);
      const dataset = await readDataset(data, {
        ...columns,
        skipBad,
        signal,
        onWarning: terminal.warn,
        purpose: "evaluate",
      });
      const one = await loadTask(first);
      try {
        const other = await loadTask(second);
        try {
          const onProgress = terminal.progress;
          const comparison = await one.compare(other, dataset, { signal, skipBad, onProgress });
          terminal.done();
          for (const [index, trainedOn] of comparison.trainedOn.entries()) {
            const warning = trainedOnWarning(trainedOn, comparison.n);
            if (warning !== undefined) terminal.warn(`${[first, second][index]}: ${warning}`);
          }
          for (const [index, truncated] of comparison.truncated.entries()) {
            if (truncated === 0) continue;
            terminal.warn(
              `${[first, second][index]}: ${truncated} of ${comparison.n} texts are longer ` +
                "than the base model reads.",
            );
          }
          if (json) await terminal.json(comparison);
          else printComparison(terminal, [first, second], comparison);
        } finally {
          await other.close();
        }
      } finally {
        await one.close();
      }
    });
  return command as unknown as Command;
}

function printComparison(
  terminal: Terminal,
  names: readonly [string, string],
  { n, accuracy, onlyRight, difference, interval: [low, high], pValue }: PairedComparison,
): void {
  terminal.out(
    formatTable(
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
