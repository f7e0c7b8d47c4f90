import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Interruption } from "../terminal/interruption.js";

/** Makes a command; `interruption` is how the user ends it before its time. */
type MakeCommand = (interruption: Interruption) => Promise<CommandUnknownOpts>;

/**
 * Every command, in the order of the help page. A command's code is loaded when it is made. Those that
 * keep what they have computed are given the interruption, to catch signals from then on; the others
 * have nothing to keep, and signals end them as they end every process.
 */
const COMMANDS: ReadonlyMap<string, MakeCommand> = new Map<string, MakeCommand>([
  ["train", async (interruption) => (await import("./task/train.js")).trainCommand(interruption)],
  ["predict", async ({ signal }) => (await import("./task/predict.js")).predictCommand(signal)],
  ["evaluate", async ({ signal }) => (await import("./task/evaluate.js")).evaluateCommand(signal)],
  ["compare", async ({ signal }) => (await import("./task/compare.js")).compareCommand(signal)],
  [
    "report",
    async (interruption) => (await import("./task/report.js")).reportCommand(interruption),
  ],
  ["export", async ({ signal }) => (await import("./task/export.js")).exportCommand(signal)],
  ["serve", async (interruption) => (await import("./task/serve.js")).serveCommand(interruption)],
  [
    "extend",
    async (interruption) => (await import("./task/extend.js")).extendCommand(interruption),
  ],
  [
    "suggest",
    async (interruption) => (await import("./labels/suggest.js")).suggestCommand(interruption),
  ],
  [
    "relabel",
    async (interruption) => (await import("./labels/relabel.js")).relabelCommand(interruption),
  ],
  ["rank", async (interruption) => (await import("./model/rank.js")).rankCommand(interruption)],
  ["inspect", async () => (await import("./model/inspect.js")).inspectCommand()],
  ["summary", async () => (await import("./model/summary.js")).summaryCommand()],
  ["differentiate", async () => (await import("./model/differentiate.js")).differentiateCommand()],
  ["cache", async () => (await import("./machine/cache.js")).cacheCommand()],
  ["doctor", async () => (await import("./machine/doctor.js")).doctorCommand()],
  [
    "completion",
    async (interruption) => {
      const others = [...COMMANDS].filter(([name]) => name !== "completion");
      return (await import("./machine/completion.js")).completionCommand(() =>
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
