import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { version } from "../version.js";
import { commandsFor } from "./commands/index.js";
import { EXIT, exitCodeOf, reportError } from "./exit.js";
import { Interruption } from "./interruption.js";

/**
 * Runs the command line.
 *
 * @param argv - Arguments after the program's name.
 * @returns The exit code.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const interruption = new Interruption();
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    interruption.readerLeft();
  });
  const program = new Command()
    .name("engraft")
    .description(
      "Transfer learning for TypeScript: train a classifier of your own from a few labels, on a frozen pretrained model.",
    )
    .version(version)
    .showHelpAfterError("(add --help for what can be given)")
    .exitOverride()
    // Else "cache" would take the --json of "cache prune".
    .enablePositionalOptions();
  try {
    for (const command of await commandsFor(argv, interruption.signal)) {
      program.addCommand(command);
      inheritSettings(command, program);
    }
    await program.parseAsync([...argv], { from: "user" });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (interruption.isReaderGone) return EXIT.ok;
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    reportError(error, interruption.signal.aborted);
    return exitCodeOf(error, interruption.signal.aborted);
  } finally {
    interruption.close();
  }
}

/** Commands that are made apart do not inherit how errors are handled. */
function inheritSettings(command: CommandUnknownOpts, parent: CommandUnknownOpts): void {
  command.copyInheritedSettings(parent);
  for (const inner of command.commands) inheritSettings(inner, command);
}
