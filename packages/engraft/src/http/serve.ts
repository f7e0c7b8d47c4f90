import { UsageError } from "@engraft/core/errors";
import type { FastifyInstance } from "fastify";
import { Serving } from "../serving/serving.js";
import type { ReloadEvent } from "../serving/tasks/reload.js";
import { createApp } from "./app.js";
import { isLoopback } from "./middlewares/hosts.js";
import { parseServerOptions, type ServerOptions, type ServerOptionsInput } from "./options.js";

/** Options of {@link serve}. */
export interface ServeOptions extends ServerOptionsInput {
  /** Learns, in one line each, what a person who runs the server should know. Default: nobody does. */
  readonly log?: ((message: string) => void) | undefined;
}

/** A server with its tasks loaded, before it listens. */
export interface OpenServer {
  readonly app: FastifyInstance;
  readonly options: ServerOptions;
  readonly serving: Serving;
  /** Answers the requests that were taken, then stops. */
  readonly close: () => Promise<void>;
}

/** A server that listens. */
export interface RunningServer {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** Answers the requests that were taken, then stops. */
  readonly close: () => Promise<void>;
}

/**
 * Serves tasks over HTTP.
 *
 * ```ts
 * const server = await serve(["spam.engraft", "team.engraft"], { port: 8080 });
 * console.log(server.url);
 * process.once("SIGTERM", () => server.close());
 * ```
 *
 * @param paths - Task folders.
 * @throws UsageError when an option is not valid or a folder is not a task.
 * @throws IntegrityError when a file of a task or of its base model was altered or is missing.
 */
export async function serve(
  paths: readonly string[],
  options: ServeOptions = {},
): Promise<RunningServer> {
  const { log = () => {} } = options;
  const { app, serving, close, options: parsed } = await openServer(paths, options);
  const { host, port, token } = parsed;
  try {
    const url = await app.listen({ host, port });
    serving.startReloading();
    log(`Listening on ${url}. Try: curl ${url}/v1/tasks`);
    if (token === undefined && !isLoopback(host)) {
      log("warning: anyone who reaches this address can use it. Set a token to prevent that.");
    }
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Loads tasks and makes the server; {@link serve} without listening. */
export async function openServer(
  paths: readonly string[],
  { log = () => {}, ...given }: ServeOptions = {},
): Promise<OpenServer> {
  const options = parseServerOptions(given);
  if (paths.length === 0) throw new UsageError("There is nothing to serve: give task folders.");
  const serving = await Serving.open(paths, options, (event) => log(describeReload(event)));
  try {
    const onDefect = (error: unknown) => log(`internal error: ${describe(error)}`);
    const app = await createApp({ serving, options, onDefect });
    const close = async (): Promise<void> => {
      // The app first: a task that is being loaded must not keep the server open.
      await closeApp(app, options.timeout);
      await serving.close();
    };
    return { app, options, serving, close };
  } catch (error) {
    await serving.close();
    throw error;
  }
}

/**
 * Stops listening, and waits for the requests that were taken, but not for clients that never send the
 * rest of theirs or never read the answer: Node no longer watches the time of a server that closes.
 */
async function closeApp(app: FastifyInstance, timeout: number): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), timeout);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}

function describeReload(event: ReloadEvent): string {
  if (event.outcome === "success")
    return `Loaded task ${event.task} again: its folder has changed.`;
  const { message } = event.error as Error;
  return `warning: task ${event.task} has changed and cannot be loaded, the old one stays: ${message}`;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
