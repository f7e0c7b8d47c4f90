import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { textTable } from "@engraft/core/escape";
import type { Check } from "../../../host/doctor/check.js";
import { diagnose } from "../../../host/doctor/diagnose.js";
import { EXIT } from "../../terminal/exit.js";
import { createTerminal } from "../../terminal/terminal.js";

/** `engraft doctor`: says whether everything works that Engraft needs. */
export function doctorCommand(): CommandUnknownOpts {
  return new Command("doctor")
    .description("Check the installation: Node, ONNX Runtime, devices, images, cache, base models.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nThe exit code is 1 where something that is needed does not work.")
    .action(async ({ json }) => {
      const terminal = createTerminal({ quiet: false });
      const { ok, checks } = await diagnose();
      process.exitCode = ok ? EXIT.ok : EXIT.failure;
      if (json) return terminal.json({ ok, checks });
      terminal.out(textTable(["check", "status", "found"], checks.map(cellsOf)));
      for (const { name, status, fix } of checks) {
        if (fix !== undefined) terminal.out("", `${name}, ${status}: ${fix}`);
      }
    });
}

function cellsOf({ name, status, found }: Check): string[] {
  return [name, status, found];
}
