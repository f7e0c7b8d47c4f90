import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance } from "fastify";

/** What pages of other origins may send, and for how long a browser may remember it. */
const PREFLIGHT = {
  "access-control-allow-methods": "GET, HEAD, POST",
  "access-control-allow-headers": "authorization, content-type",
  "access-control-max-age": "600",
};

/**
 * Lets pages of some origins use the server: their preflight requests are answered, and every answer to
 * them says that they may read it.
 *
 * @param origins - As browsers write them: `https://app.example`.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  app.addHook("onRequest", async ({ method, headers }, reply) => {
    const cors = corsAnswer(origins, method, headers);
    reply.headers(cors.headers);
    return cors.isPreflight ? reply.code(204).send() : undefined;
  });
}

/** Headers of an answer to a page, and whether the request only asks what it may send. */
interface CorsAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly isPreflight: boolean;
}

/**
 * What to say to a request by the CORS protocol (Fetch standard, 3.2), where pages of some origins may
 * use the server. Credentials of the browser are never allowed: a token is sent by the program.
 */
function corsAnswer(
  origins: readonly string[],
  method: string,
  headers: IncomingHttpHeaders,
): CorsAnswer {
  const { origin } = headers;
  // A cache must not give the answer for one origin to another.
  const vary = { vary: "Origin" };
  if (origin === undefined || !origins.includes(origin))
    return { headers: vary, isPreflight: false };
  const allowed = {
    ...vary,
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "allow, retry-after",
  };
  const isPreflight =
    method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
  if (!isPreflight) return { headers: allowed, isPreflight };
  // Chrome asks this where a page on the web wants something of a private address.
  const isPrivate = headers["access-control-request-private-network"] === "true";
  const network = isPrivate ? { "access-control-allow-private-network": "true" } : {};
  return { headers: { ...allowed, ...PREFLIGHT, ...network }, isPreflight };
}
