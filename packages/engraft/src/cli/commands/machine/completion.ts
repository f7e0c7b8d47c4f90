import { Argument, Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { createTerminal } from "../../terminal/terminal.js";
import { type CompletedCommand, completionScript, SHELLS } from "./completion-script.js";

/**
 * `engraft completion`: a script that completes commands and options.
 *
 * @param others - Makes all other commands.
 */
export function completionCommand(others: () => Promise<CommandUnknownOpts[]>): CommandUnknownOpts {
  const command = new Command("completion")
    .description("Print a script with which a shell completes commands and options.")
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .addHelpText("after", EXAMPLES)
    .action(async (shell) => {
      const commands = (await others()).map(toCompleted);
      createTerminal({ quiet: false }).out(completionScript(shell, commands).split("\n"));
    });
  return command;
}

const EXAMPLES = `
Examples:
  source <(engraft completion bash)
  engraft completion zsh > "\${fpath[1]}/_engraft"
  engraft completion fish > ~/.config/fish/completions/engraft.fish`;

function toCompleted(command: CommandUnknownOpts): CompletedCommand {
  return {
    name: command.name(),
    description: command.description(),
    options: command.options.flatMap(({ long, description }) =>
      long == null ? [] : [{ flag: long, description }],
    ),
  };
}
