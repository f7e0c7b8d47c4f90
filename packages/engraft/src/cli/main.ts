import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { version } from "../version.js";
import { commandsFor } from "./commands/index.js";
import { EXIT, reportError, reportInterruption, reportLostOutput } from "./terminal/exit.js";
import { Interruption } from "./terminal/interruption.js";
import { asLines } from "./terminal/terminal.js";

/**
 * Runs the command line.
 *
 * @param argv - Arguments after the program's name.
 * @returns The exit code.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const interruption = new Interruption();
  let lost: NodeJS.ErrnoException | undefined;
  const onLost = (error: NodeJS.ErrnoException): void => {
    lost ??= error;
    interruption.outputLost();
  };
  process.stdout.on("error", onLost);
  // There is nobody to tell.
  process.stderr.on("error", ignore);
  try {
    const code = await run(argv, interruption);
    await flush();
    if (lost === undefined) return code;
    // Whoever read the results has seen enough (`| head`), which is no error.
    return lost.code === "EPIPE" ? EXIT.ok : reportLostOutput(lost);
  } finally {
    process.stdout.off("error", onLost);
    process.stderr.off("error", ignore);
    interruption.close();
  }
}

async function run(argv: readonly string[], interruption: Interruption): Promise<number> {
  const program = new Command()
    .name("engraft")
    .description(
      "Transfer learning for TypeScript: train a classifier of your own from a few labels, on a frozen pretrained model.",
    )
    .version(version)
    .showHelpAfterError("(add --help for what can be given)")
    .configureOutput({ writeErr })
    .exitOverride()
    // Else "cache" would take the --json of "cache prune".
    .enablePositionalOptions();
  try {
    for (const command of await commandsFor(argv, interruption)) {
      program.addCommand(command);
      inheritSettings(command, program);
    }
    await program.parseAsync([...argv], { from: "user" });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      if (error.code === "commander.unknownOption") hintAtTexts(argv);
      return EXIT.usage;
    }
    if (interruption.caughtSignal !== undefined)
      return reportInterruption(interruption.caughtSignal);
    // What is lost is told once, by its cause.
    return interruption.signal.aborted ? EXIT.failure : reportError(error);
  }
}

/** Commands that are made apart do not inherit how errors are handled. */
function inheritSettings(command: CommandUnknownOpts, parent: CommandUnknownOpts): void {
  command.copyInheritedSettings(parent);
  for (const inner of command.commands) inheritSettings(inner, command);
}

/** What commander says of arguments, which it repeats. */
function writeErr(text: string): void {
  process.stderr.write(asLines(text.replace(/\n$/, "").split("\n")));
}

/** An argument such as `-5 refund` is probably a text. */
function hintAtTexts(argv: readonly string[]): void {
  const text = argv.find((word) => /^-/.test(word) && !/^-(?:-?[a-z][\w-]*(?:=.*)?)?$/i.test(word));
  if (text !== undefined && !argv.includes("--")) {
    writeErr(
      'A text that begins with "-" stands behind --, at the end: engraft ... -- "-5 refund"',
    );
  }
}

/** Waits until all that was written has been taken, or was lost. */
function flush(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write("", () => resolve());
  });
}

function ignore(): void {}
