import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { textTable } from "@engraft/core/escape";
import { type RankedBase, withInterval } from "@engraft/tasks/predict";
import { createEngraft } from "../../../engraft.js";
import {
  BIND_OPTION,
  BIND_TEXT,
  bindingsGiven,
  collectBinding,
} from "../../options/bind-option.js";
import { dataOptions, withDataOptions } from "../../options/data-options.js";
import { runOf } from "../../options/run-options.js";
import type { Interruption } from "../../terminal/interruption.js";
import { createTerminal, type Terminal } from "../../terminal/terminal.js";

/** `engraft rank`: which base, and which of its layers, suits some data. */
export function rankCommand(interruption: Interruption): CommandUnknownOpts {
  const command = withDataOptions(
    new Command("rank")
      .description("Measure which base model, and which of its layers, suits labelled data.")
      .argument("<data>", "labelled data, in any layout that train understands")
      .option("--bases <names>", "base models or ONNX files, between commas", (text) =>
        text.split(",").filter((name) => name !== ""),
      )
      .option("--preprocess <how>", "imagenet, or a JSON file: how ONNX files get their inputs")
      .option(BIND_OPTION, BIND_TEXT, collectBinding, []),
  )
    .option("--skip-bad", "go on without bad rows and files")
    .option("--no-cache", "do not keep computed features")
    .option("--quiet", "print results only")
    .option("--json", "print one JSON array")
    .addHelpText(
      "after",
      "\nExample:\n  engraft rank photos/ --bases efficientnet-lite0,./resnet18.onnx --preprocess imagenet",
    )
    .action(async (data, { quiet = false, json, bases, preprocess, bind, cache, ...options }) => {
      const terminal = createTerminal({ quiet });
      await using engraft = createEngraft();
      const ranked = await engraft.selectBase(data, {
        ...runOf(interruption, terminal),
        ...dataOptions(options),
        bases,
        preprocess,
        bind: bindingsGiven(bind),
        cache,
        onBase: (base) => terminal.note(`Measuring ${base} ...`),
      });
      terminal.done();
      if (json) await terminal.json(ranked);
      else for (const base of ranked) printBase(terminal, base);
    });
  return command;
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
  const rows = [...layers, { name: "all, stacked", metrics: stack }];
  terminal.out(
    textTable(
      ["layer", "accuracy", "log-loss"],
      rows.map(({ name, metrics }) => [
        name,
        withInterval(metrics.accuracy, metrics.intervals.accuracy),
        withInterval(metrics.logLoss, metrics.intervals.logLoss),
      ]),
    ),
  );
}
