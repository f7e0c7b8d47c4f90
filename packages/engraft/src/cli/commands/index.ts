import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** Makes a command; `signal` is how the user interrupts it. */
type MakeCommand = (signal: AbortSignal) => Promise<CommandUnknownOpts>;

/** Every command, in the order of the help page. A command's code is loaded when it is made. */
const COMMANDS: ReadonlyMap<string, MakeCommand> = new Map<string, MakeCommand>([
  ["train", async (signal) => (await import("./train.js")).trainCommand(signal)],
  ["predict", async (signal) => (await import("./predict.js")).predictCommand(signal)],
  ["evaluate", async (signal) => (await import("./evaluate.js")).evaluateCommand(signal)],
  ["compare", async (signal) => (await import("./compare.js")).compareCommand(signal)],
  ["report", async (signal) => (await import("./report.js")).reportCommand(signal)],
  ["export", async (signal) => (await import("./export.js")).exportCommand(signal)],
  ["serve", async (signal) => (await import("./serve.js")).serveCommand(signal)],
  ["extend", async (signal) => (await import("./extend.js")).extendCommand(signal)],
  ["suggest", async (signal) => (await import("./suggest.js")).suggestCommand(signal)],
  ["relabel", async (signal) => (await import("./relabel.js")).relabelCommand(signal)],
  ["rank", async (signal) => (await import("./rank.js")).rankCommand(signal)],
  ["inspect", async () => (await import("./inspect.js")).inspectCommand()],
  ["summary", async () => (await import("./summary.js")).summaryCommand()],
  ["differentiate", async () => (await import("./differentiate.js")).differentiateCommand()],
  ["cache", async () => (await import("./cache.js")).cacheCommand()],
  [
    "completion",
    async (signal) => {
      const others = [...COMMANDS].filter(([name]) => name !== "completion");
      return (await import("./completion.js")).completionCommand(() =>
        Promise.all(others.map(([, make]) => make(signal))),
      );
    },
  ],
]);

/**
 * The command that the arguments begin with; all of them where there is none, for the help page and
 * for guesses at a misspelt name. The code of all takes longer to load than a prediction takes.
 */
export function commandsFor(
  argv: readonly string[],
  signal: AbortSignal,
): Promise<CommandUnknownOpts[]> {
  const asked = COMMANDS.get(argv[0] ?? "");
  const wanted = asked === undefined ? [...COMMANDS.values()] : [asked];
  return Promise.all(wanted.map((make) => make(signal)));
}
