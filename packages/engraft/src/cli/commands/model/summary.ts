import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { loadModel } from "../../../models/models.js";
import {
  BIND_OPTION,
  BIND_TEXT,
  bindingsGiven,
  collectBinding,
} from "../../options/bind-option.js";
import { createTerminal } from "../../terminal/terminal.js";

/** `engraft summary`: the layers of a model, as training sees them. */
export function summaryCommand(): CommandUnknownOpts {
  const command = new Command("summary")
    .description(
      "List the layers of a model: operators, output shapes, weights, and what is frozen.",
    )
    .argument("<model>", "the name of a base model, or an .onnx file")
    .option(
      "--freeze <pattern>",
      "show what freezing leaves; * stands for one part, ** for any number",
    )
    .option(BIND_OPTION, BIND_TEXT, collectBinding, [])
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (name, { freeze, json, bind }) => {
      const model = await loadModel(name, { bind: bindingsGiven(bind) });
      if (freeze !== undefined) model.freeze(freeze);
      const terminal = createTerminal({ quiet: false });
      if (json) await terminal.json(model.architecture());
      else terminal.out(String(model.summary()).split("\n"));
    });
  return command;
}

const EXAMPLES = `
Examples:
  engraft summary minilm-l6
  engraft summary resnet.onnx --freeze "layer*"
  engraft summary minilm-l6 --freeze "encoder.layer.*.attention" --json`;
