import multipart from "@fastify/multipart";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import { bearerCheck } from "./access/auth.js";
import type { AppParts } from "./app-parts.js";
import { refuseConnection, sendRefusal, toRefusal } from "./errors.js";
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
    async (_request: FastifyRequest, body: Buffer) => parseJsonBody(body),
  );
  await app.register(multipart, {
    limits: { files: options.maxInputs, fileSize: options.maxBody, fields: 0 },
  });
  addHooks(app, parts);
  addRoutes(app, parts);
  return app;
}

function addHooks(app: FastifyInstance, { metrics, options, onError }: AppParts): void {
  const bodies = new BodyBudget(options);
  const check = options.token === undefined ? undefined : bearerCheck(options.token);
  let isStopping = false;
  app.addHook("preClose", async () => {
    isStopping = true;
  });
  app.addHook("onSend", async (_request, reply) => {
    // A connection that a client keeps open would keep the server from ending.
    if (isStopping) reply.header("connection", "close");
  });
  app.addHook("onRequest", async ({ url, headers }, reply) => {
    if (isStopping) {
      throw new Refusal("server/stopping", "The server is stopping.", { retryAfter: 1 });
    }
    if (!url.startsWith("/health/")) check?.(headers.authorization);
    bodies.take(headers, reply.raw);
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
    throw new Refusal(
      "route/unknown",
      "There is nothing at this address for this method. GET /openapi.json lists what there is.",
    );
  });
}
