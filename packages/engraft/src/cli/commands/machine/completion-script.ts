import { shellWord } from "@engraft/core/escape";

/** Shells for which there is a completion script. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** What a shell can complete of a command. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  /** Long options, as `--json`. */
  readonly options: readonly { readonly flag: string; readonly description: string }[];
}

/** A script that completes commands and options; everything else is completed as a file. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  switch (shell) {
    case "bash":
      return bashScript(commands);
    case "zsh":
      return zshScript(commands);
    case "fish":
      return fishScript(commands);
  }
}

function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(
    ({ name, options }) => `    ${name}) words="${options.map(({ flag }) => flag).join(" ")}" ;;`,
  );
  return `_engraft() {
  local current="\${COMP_WORDS[COMP_CWORD]}"
  local words="${commands.map(({ name }) => name).join(" ")}"
  COMPREPLY=()
  if [[ $COMP_CWORD -gt 1 ]]; then
    [[ $current == -* ]] || return
    case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _engraft engraft`;
}

function zshScript(commands: readonly CompletedCommand[]): string {
  const described = commands.map(
    ({ name, description }) => `    ${shellWord(`${name}:${description.replaceAll(":", "\\:")}`)}`,
  );
  const cases = commands.map(({ name, options }) => {
    const specs = options.map(({ flag, description }) =>
      shellWord(`${flag}[${description.replace(/[[\]:]/g, "\\$&")}]`),
    );
    return `    ${name}) _arguments ${[...specs, shellWord("*:file:_files")].join(" ")} ;;`;
  });
  return `#compdef engraft
_engraft() {
  local -a commands=(
${described.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join("\n")}
  esac
}
compdef _engraft engraft`;
}

function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, description, options }) => [
    `complete -c engraft -n __fish_use_subcommand -f -a ${name} -d ${shellWord(description)}`,
    ...options.map(
      ({ flag, description: what }) =>
        `complete -c engraft -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} -d ${shellWord(what)}`,
    ),
  ]);
  return lines.join("\n");
}
