import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { positive, wholeNumber } from "../../options/numbers.js";
import { GRACE, type Interruption } from "../../terminal/interruption.js";
import { createTerminal } from "../../terminal/terminal.js";

/** `engraft serve`: tasks over HTTP. */
export function serveCommand(interruption: Interruption): CommandUnknownOpts {
  const { signal } = interruption;
  const command = new Command("serve")
    .description("Serve tasks over HTTP: one base in memory, one pass for all of them.")
    .argument("<tasks...>", "task folders; each is served under its name without .engraft")
    .option(
      "--port <n>",
      "port to listen on; 0 takes any that is free (default: 8080)",
      wholeNumber,
    )
    .option("--host <address>", "address to listen on (default: 127.0.0.1, this machine only)")
    .option("--token <token>", "bearer token that requests must carry (default: $ENGRAFT_TOKEN)")
    .option(
      "--cors <origin>",
      "origin whose pages may use the server, as https://app.example; may be given again",
      (origin: string, before: readonly string[]) => [...before, origin],
      [] as readonly string[],
    )
    .option("--max-batch <n>", "most inputs in one pass (default: 64)", wholeNumber)
    .option("--max-wait <ms>", "how long an input may wait for others (default: 0)", wholeNumber)
    .option("--max-queue <n>", "most inputs that may wait for a pass (default: 1024)", wholeNumber)
    .option("--max-delay <ms>", "how long what waits may take (default: 600)", wholeNumber)
    .option("--max-inputs <n>", "most inputs in one request (default: 256)", wholeNumber)
    .option("--max-body <MB>", "largest request (default: 16)", positive)
    .option("--max-bodies <MB>", "all bodies under way (default: 16 of the largest)", positive)
    .option("--max-pixels <millions>", "largest image (default: 25)", positive)
    .option(
      "--max-image-memory <MB>",
      "all images being decoded (default: half of what is free)",
      positive,
    )
    .option("--timeout <seconds>", "how long a request may take (default: 30)", positive)
    .option("--outliers", "tell inputs that are unlike all training examples")
    .option("--no-reload", "do not load a task again when its folder changes")
    .addHelpText("after", EXAMPLES)
    .action(async (paths, options) => {
      const terminal = createTerminal({ quiet: false });
      // Loaded late: the help page needs no server.
      const { serve } = await import("../../../http/serve.js");
      const { parseServerOptions } = await import("../../../http/options.js");
      const timeout = scaled(options.timeout, 1e3);
      const server = await serve(paths, {
        port: options.port,
        host: options.host,
        token: options.token ?? process.env.ENGRAFT_TOKEN,
        cors: options.cors,
        maxBatch: options.maxBatch,
        maxWait: options.maxWait,
        maxQueue: options.maxQueue,
        maxDelay: options.maxDelay,
        maxInputs: options.maxInputs,
        maxBody: scaled(options.maxBody, 1e6),
        maxBodies: scaled(options.maxBodies, 1e6),
        maxImagePixels: scaled(options.maxPixels, 1e6),
        maxImageMemory: scaled(options.maxImageMemory, 1e6),
        timeout,
        outliers: options.outliers,
        reloadEvery: options.reload ? undefined : 0,
        log: (message) => terminal.note(message),
      });
      // Closing takes until the last request has its answer, or its time is over.
      interruption.catchSignals(parseServerOptions({ timeout }).timeout + GRACE);
      await endOf(signal);
      await server.close();
    });
  return command;
}

const EXAMPLES = `
Examples:
  engraft serve spam.engraft team.engraft --port 8080
  ENGRAFT_TOKEN=... engraft serve parts.engraft --host 0.0.0.0
  curl localhost:8080/v1/tasks/spam/predict --json '{"inputs": ["Win a free cruise!!!"]}'
  curl localhost:8080/v1/tasks/parts/predict -F inputs=@1.jpg -F inputs=@2.jpg`;

/** Resolves when the user ends the server. */
function endOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** A value in its base unit. */
function scaled(value: number | undefined, unit: number): number | undefined {
  return value === undefined ? undefined : Math.round(value * unit);
}
