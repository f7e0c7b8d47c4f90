import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { describeLeftOut } from "@engraft/core/internal";
import { differentiateFile } from "../../../models/differentiate-file.js";
import {
  BIND_OPTION,
  BIND_TEXT,
  collectBinding,
  parseBindings,
} from "../../options/bind-option.js";
import { formatBytes } from "../../terminal/format.js";
import { createTerminal } from "../../terminal/terminal.js";

/** `engraft differentiate`: one training step of any ONNX model, as a plain ONNX model. */
export function differentiateCommand(): CommandUnknownOpts {
  const command = new Command("differentiate")
    .description(
      "Turn an ONNX model into one that computes its loss and the gradients by its weights.",
    )
    .argument("<model>", "an .onnx file that computes a loss")
    .requiredOption("--loss <value>", "name of the value that is the loss: one number")
    .requiredOption("-o, --output <file>", "where to write the new model")
    .option(
      "--wrt <pattern>",
      "weights to differentiate by; * stands for one part of a name, ** for any number",
    )
    .option(BIND_OPTION, BIND_TEXT, collectBinding, [])
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (model, { loss, output, wrt, json, bind }) => {
      const written = await differentiateFile(model, {
        loss,
        output,
        wrt,
        bind: parseBindings(bind),
      });
      const terminal = createTerminal({ quiet: false });
      if (json) await terminal.json(written);
      else {
        const gradients = written.outputs.length - 1;
        terminal.out(
          `Wrote ${written.output}, ${formatBytes(written.bytes)}: the loss and ${gradients} ` +
            `gradient${gradients === 1 ? "" : "s"}. Its inputs are the model's own and the weights.`,
        );
        const left = describeLeftOut(written.leftOut);
        if (left.length > 0) terminal.note(left.join("\n").trimStart());
      }
    });
  return command;
}

const EXAMPLES = `
The result's inputs are the model's own and its float weights under their names; its outputs are
"loss" and "grad/<weight>" for each weight. Any ONNX Runtime, in any language, runs it.

Examples:
  engraft differentiate model.onnx --loss loss -o step.onnx
  engraft differentiate model.onnx --loss loss --wrt "classifier.*" -o step.onnx`;
