import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Interruption } from "../interruption.js";

/** Makes a command; `interruption` is how the user ends it before its time. */
type MakeCommand = (interruption: Interruption) => Promise<CommandUnknownOpts>;

/**
 * Every command, in the order of the help page. A command's code is loaded when it is made. Those that
 * keep what they have computed are given the interruption, to catch signals from then on; the others
 * have nothing to keep, and signals end them as they end every process.
 */
const COMMANDS: ReadonlyMap<string, MakeCommand> = new Map<string, MakeCommand>([
  ["train", async (interruption) => (await import("./train.js")).trainCommand(interruption)],
  ["predict", async ({ signal }) => (await import("./predict.js")).predictCommand(signal)],
  ["evaluate", async ({ signal }) => (await import("./evaluate.js")).evaluateCommand(signal)],
  ["compare", async ({ signal }) => (await import("./compare.js")).compareCommand(signal)],
  ["report", async (interruption) => (await import("./report.js")).reportCommand(interruption)],
  ["export", async ({ signal }) => (await import("./export.js")).exportCommand(signal)],
  ["serve", async (interruption) => (await import("./serve.js")).serveCommand(interruption)],
  ["extend", async (interruption) => (await import("./extend.js")).extendCommand(interruption)],
  ["suggest", async (interruption) => (await import("./suggest.js")).suggestCommand(interruption)],
  ["relabel", async (interruption) => (await import("./relabel.js")).relabelCommand(interruption)],
  ["rank", async (interruption) => (await import("./rank.js")).rankCommand(interruption)],
  ["inspect", async () => (await import("./inspect.js")).inspectCommand()],
  ["summary", async () => (await import("./summary.js")).summaryCommand()],
  ["differentiate", async () => (await import("./differentiate.js")).differentiateCommand()],
  ["cache", async () => (await import("./cache.js")).cacheCommand()],
  ["doctor", async () => (await import("./doctor.js")).doctorCommand()],
  [
    "completion",
    async (interruption) => {
      const others = [...COMMANDS].filter(([name]) => name !== "completion");
      return (await import("./completion.js")).completionCommand(() =>
        Promise.all(others.map(([, make]) => make(interruption))),
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
  interruption: Interruption,
): Promise<CommandUnknownOpts[]> {
  const asked = COMMANDS.get(argv[0] ?? "");
  const wanted = asked === undefined ? [...COMMANDS.values()] : [asked];
  return Promise.all(wanted.map((make) => make(interruption)));
}
