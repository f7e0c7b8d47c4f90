import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { textTable } from "@engraft/core/escape";
import { describeLeftOut } from "@engraft/core/internal";
import type { Inspection } from "@engraft/tasks";
import { inspect } from "../../../inspect.js";
import {
  BIND_OPTION,
  BIND_TEXT,
  collectBinding,
  parseBindings,
} from "../../options/bind-option.js";
import { formatBytes } from "../../terminal/format.js";
import { createTerminal, type Lines } from "../../terminal/terminal.js";

/** `engraft inspect`: what is inside a task, a base model or an ONNX file. */
export function inspectCommand(): CommandUnknownOpts {
  const command = new Command("inspect")
    .description(
      "Show the layers, weights, digests and sizes of a task, a base model or an ONNX file.",
    )
    .argument("<what>", "a task folder, the name of a base model, or an .onnx file")
    .option(BIND_OPTION, BIND_TEXT, collectBinding, [])
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  engraft inspect parts.engraft\n  engraft inspect minilm-l6",
    )
    .action(async (what, { json, bind }) => {
      const inspection = await inspect(what, { bind: parseBindings(bind) });
      const terminal = createTerminal({ quiet: false });
      if (json) await terminal.json(inspection);
      else terminal.out(...describe(inspection));
    });
  return command;
}

function describe({ title, facts, parts }: Inspection): Lines[] {
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines: Lines[] = [
    title,
    ...facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
  ];
  for (const part of parts) {
    const total = part.layers.reduce((sum, { weights }) => sum + weights, 0);
    const trainable = part.layers.reduce(
      (sum, layer) => sum + (layer.trainable ? layer.weights : 0),
      0,
    );
    lines.push(
      "",
      `${part.name}, ${formatBytes(part.bytes)}, SHA-256 ${part.sha256}`,
      textTable(
        ["layer", "weights", "trainable"],
        part.layers.map(({ name, weights, trainable }) => [
          name,
          weights.toLocaleString("en"),
          trainable ? "yes" : "no",
        ]),
      ),
      `trainable ${trainable.toLocaleString("en")} of ${total.toLocaleString("en")} weights`,
      ...describeLeftOut(part.leftOut),
    );
  }
  return lines;
}
