import type { ServerOptions as ServerOptionsOfNode } from "node:http";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import { bearerCheck } from "./access/auth.js";
import { corsAnswer } from "./access/cors.js";
import { callerCheck } from "./access/hosts.js";
import type { AppParts } from "./app-parts.js";
import { refuseConnection, SECURITY_HEADERS, sendRefusal, toRefusal } from "./errors.js";
import { parseJsonBody } from "./json-body.js";
import { Refusal } from "./problems.js";
import { BodyBudget } from "./queue/body-budget.js";
import { addRoutes } from "./routes.js";

/** Longest name of a folder. */
const LONGEST_NAME = 255;

/** The HTTP interface of a registry of tasks. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { options } = parts;
  const app = fastify({
    bodyLimit: options.maxBody,
    requestTimeout: options.timeout,
    http: arrivalLimits(options.timeout),
    // Connections without a request are closed at once when the server stops.
    forceCloseConnections: "idle",
    return503OnClosing: false,
    routerOptions: { maxParamLength: LONGEST_NAME },
    frameworkErrors: (error, _request, reply) => {
      void sendRefusal(reply, toRefusal(error, options));
    },
    clientErrorHandler: refuseConnection,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (_request: FastifyRequest, body: Buffer) => parseJsonBody(body, options.maxInputs),
  );
  // Read where it is known that files are wanted.
  app.addContentTypeParser("multipart/form-data", (_request, body, done) => done(null, body));
  addHooks(app, parts);
  addRoutes(app, parts);
  return app;
}

/** Most milliseconds that a head may take, and between two looks at what is late. */
const HEAD_TIMEOUT = 10_000;
const LATE_CHECK = 1000;

/** Node's own limits of how long a request may take to arrive; unset, they are longer than ours. */
function arrivalLimits(timeout: number): ServerOptionsOfNode {
  return {
    headersTimeout: Math.min(timeout, HEAD_TIMEOUT),
    requestTimeout: timeout,
    connectionsCheckingInterval: Math.min(LATE_CHECK, Math.ceil(timeout / 4)),
  };
}

function addHooks(app: FastifyInstance, { metrics, options, onError }: AppParts): void {
  const bodies = new BodyBudget(options);
  const checkCaller = callerCheck(options);
  const checkToken = options.token === undefined ? undefined : bearerCheck(options.token);
  let isStopping = false;
  app.addHook("preClose", async () => {
    isStopping = true;
  });
  app.addHook("onSend", async ({ raw }, reply) => {
    // A connection that a client keeps open would keep the server from ending; and one on which a
    // body was given up in its middle cannot be used again.
    const isCut = !raw.complete && raw.readableFlowing !== null;
    if (isStopping || isCut) reply.header("connection", "close");
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (isStopping) {
      throw new Refusal("server/stopping", "The server is stopping.", { retryAfter: 1 });
    }
    checkCaller(request.raw);
    const cors = corsAnswer(options.cors, request.method, request.headers);
    reply.headers(cors.headers);
    if (cors.isPreflight) return reply.code(204).send();
    if (!request.url.startsWith("/health/")) checkToken?.(request.headers.authorization);
    // Before the body is read.
    if (request.is404) throw unknownRoute();
    return undefined;
  });
  app.addHook("preParsing", async ({ raw }, reply, body) => {
    const isEmpty = raw.headers["content-length"] === undefined;
    if (isEmpty && raw.headers["transfer-encoding"] === undefined) return body;
    return bodies.count(raw, reply.raw, body);
  });
  app.addHook("onResponse", async ({ routeOptions }, reply) => {
    metrics.request(routeOptions.url ?? "unknown", reply.statusCode, reply.elapsedTime / 1000);
  });
  app.setErrorHandler((error, _request, reply) => {
    const refusal = toRefusal(error, options);
    if (refusal.code === "internal") onError(error);
    return sendRefusal(reply, refusal);
  });
  app.setNotFoundHandler(() => {
    throw unknownRoute();
  });
}

function unknownRoute(): Refusal {
  return new Refusal(
    "route/unknown",
    "There is nothing at this address for this method. GET /openapi.json lists what there is.",
  );
}
