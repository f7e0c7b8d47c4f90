import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import type { ServerOptions } from "../options.js";
import { Refusal } from "../problems.js";

/** Names under which a program reaches its own machine, and no page on the web another server. */
const LOOPBACK_NAME = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i;

/** Whether a server that listens on this address is reached from its own machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** Refuses requests that another host name or a page of another origin has sent. */
export function requireKnownCaller(app: FastifyInstance, options: CallerOptions): void {
  const check = callerCheck(options);
  app.addHook("onRequest", async ({ raw }) => check(raw));
}

type CallerOptions = Pick<ServerOptions, "host" | "token" | "cors">;

/**
 * Makes the check that keeps pages on the web away from a server that needs no token: a browser lets
 * any page send it requests, and a page whose name was pointed at this machine read the answers.
 *
 * @throws Refusal `request/invalid` or `request/forbidden`, by the check.
 */
function callerCheck(
  options: CallerOptions,
): (request: Pick<IncomingMessage, "headers" | "rawHeaders">) => void {
  const isOpen = options.token === undefined;
  return ({ headers, rawHeaders }) => {
    requireOneHost(rawHeaders);
    if (!isOpen) return;
    const { host, origin } = headers;
    // Only HTTP/1.0, which no browser speaks, has no host.
    if (isLoopback(options.host) && host !== undefined && !LOOPBACK_NAME.test(host)) {
      throw new Refusal(
        "request/forbidden",
        "This server answers to localhost and 127.0.0.1 only. Set a token to reach it by other names.",
      );
    }
    if (origin !== undefined && options.cors.includes(origin)) return;
    const site = headers["sec-fetch-site"];
    const isForeign = site === "cross-site" || site === "same-site";
    if (isForeign || (origin !== undefined && !isOwnOrigin(origin, host))) {
      throw new Refusal(
        "request/forbidden",
        "Pages of other origins may not use this server. Name the origin in its option cors to allow it.",
      );
    }
  };
}

/** Two hosts would be read as one by this server and as the other by a proxy before it. */
function requireOneHost(rawHeaders: readonly string[]): void {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && /^host$/i.test(name));
  if (hosts.length > 1) throw new Refusal("request/invalid", "The request has two Host headers.");
}

function isOwnOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
