/** The HTTP interface of tasks: middlewares and routes in their order, over Fastify. */
import type { ServerOptions as ServerOptionsOfNode } from "node:http";
import type { Readable } from "node:stream";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import { validatorCompiler } from "fastify-type-provider-zod";
import type { AppParts } from "./app-parts.js";
import { parseJsonBody } from "./body/json-body.js";
import { readFiles } from "./body/multipart.js";
import { describeRoutes } from "./document.js";
import { requireToken } from "./middlewares/auth.js";
import { limitBodies } from "./middlewares/body-budget.js";
import { allowOrigins } from "./middlewares/cors.js";
import { answerErrors, refuseConnection, sendRefusal, toRefusal } from "./middlewares/errors.js";
import { requireKnownCaller } from "./middlewares/hosts.js";
import { countRequests } from "./middlewares/http-metrics.js";
import { addSecurityHeaders } from "./middlewares/security-headers.js";
import { refuseWhileStopping } from "./middlewares/shutdown.js";
import { refuseUnknownRoutes } from "./middlewares/unknown-routes.js";
import type { HttpOptions } from "./options.js";
import { addRoutes } from "./routes/index.js";
import type { App, RouteTypes } from "./routes/route.js";

/** Longest name of a folder. */
const LONGEST_NAME = 255;

/** Makes the HTTP interface; it does not listen yet. */
export async function createApp({
  serving,
  options,
  onDefect,
}: AppParts): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: options.maxBody,
    requestTimeout: options.timeout,
    http: arrivalLimits(options.timeout),
    // Connections without a request are closed at once when the server stops.
    forceCloseConnections: "idle",
    return503OnClosing: false,
    routerOptions: { maxParamLength: LONGEST_NAME },
    frameworkErrors: (error, _request, reply) => {
      void sendRefusal(reply, toRefusal(error, options.maxBody));
    },
    clientErrorHandler: refuseConnection,
  }).withTypeProvider<RouteTypes>();
  app.setValidatorCompiler(validatorCompiler);
  // Handlers are typed by their schemas. To check answers again would drop labels like `__proto__`.
  app.setSerializerCompiler(() => JSON.stringify);
  addParsers(app, options);
  addSecurityHeaders(app);
  refuseWhileStopping(app);
  requireKnownCaller(app, options);
  if (options.cors.length > 0) allowOrigins(app, options.cors);
  if (options.token !== undefined) requireToken(app, options.token);
  refuseUnknownRoutes(app);
  limitBodies(app, options);
  countRequests(app, serving.metrics.registry);
  answerErrors(app, { maxBody: options.maxBody, onDefect });
  await describeRoutes(app, options);
  addRoutes(app, { serving, options, onDefect });
  return app;
}

/** Parses bodies of the two media types that the server takes, and no other. */
function addParsers(app: App, options: HttpOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (_request: FastifyRequest, body: Buffer) => parseJsonBody(body, options.maxInputs),
  );
  app.addContentTypeParser(
    "multipart/form-data",
    async ({ headers }: FastifyRequest, body: Readable) => ({
      inputs: await readFiles(body, headers["content-type"] ?? "", options),
    }),
  );
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
