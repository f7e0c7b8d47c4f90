import { Command } from "@commander-js/extra-typings";
import type { RankedBase } from "@engraft/tasks";
import { rank } from "../../tasks/rank.js";
import { BIND_OPTION, BIND_TEXT, bindingsGiven, collectBinding } from "../bind-option.js";
import {
  dataOptions,
  imageFolderOption,
  maxPixelsOption,
  noHeaderOption,
} from "../data-options.js";
import { formatFigure, formatTable } from "../format.js";
import type { Interruption } from "../interruption.js";
import { createTerminal, type Terminal } from "../terminal.js";

/** `engraft rank`: which base, and which of its layers, suits some data. */
export function rankCommand(interruption: Interruption): Command {
  const { signal } = interruption;
  const command = new Command("rank")
    .description("Measure which base model, and which of its layers, suits labelled data.")
    .argument("<data>", "labelled data, in any layout that train understands")
    .option("--bases <names>", "base models or ONNX files, between commas", (text) =>
      text.split(",").filter((name) => name !== ""),
    )
    .option("--preprocess <how>", "imagenet, or a JSON file: how ONNX files get their inputs")
    .option(BIND_OPTION, BIND_TEXT, collectBinding, [])
    .option("--text <column>", "column with the texts")
    .option("--image <column>", "column with the paths of images")
    .option("--label <column>", "column with the labels")
    .addOption(imageFolderOption())
    .addOption(noHeaderOption())
    .addOption(maxPixelsOption())
    .option("--skip-bad", "go on without bad rows and files")
    .option("--no-cache", "do not keep computed features")
    .option("--quiet", "print results only")
    .option("--json", "print one JSON array")
    .addHelpText(
      "after",
      "\nExample:\n  engraft rank photos/ --bases efficientnet-lite0,./resnet18.onnx --preprocess imagenet",
    )
    .action(async (data, { quiet = false, json, ...options }) => {
      const terminal = createTerminal({ quiet });
      const ranked = await rank(data, {
        ...options,
        bind: bindingsGiven(options.bind),
        columns: dataOptions(options),
        signal,
        onBase: (base) => terminal.note(`Measuring ${base} ...`),
        onProgress: interruption.keeping(terminal.progress),
        onWarning: terminal.warn,
      });
      terminal.done();
      if (json) await terminal.json(ranked);
      else for (const base of ranked) printBase(terminal, base);
    });
  return command as unknown as Command;
}

function printBase(
  terminal: Terminal,
  { base, stack, layers, millisecondsPerExample }: RankedBase,
): void {
  terminal.out(
    "",
    `${base}: ${stack.n} examples, ${millisecondsPerExample.toFixed(1)} ms for all layers of one`,
    "",
  );
  const rows = [...layers, { name: "all, stacked", figures: stack }];
  terminal.out(
    formatTable(
      ["layer", "accuracy", "log-loss"],
      rows.map(({ name, figures }) => [
        name,
        formatFigure(figures.accuracy, figures.intervals.accuracy),
        formatFigure(figures.logLoss, figures.intervals.logLoss),
      ]),
    ),
  );
}
