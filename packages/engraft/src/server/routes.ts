import type { PredictAllResponse, TaskPredictions, TasksResponse } from "@engraft/client";
import type { Modality } from "@engraft/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AppParts } from "./app-parts.js";
import { withDeadline } from "./deadline.js";
import { inputReader, readSelective } from "./inputs.js";
import { Metrics } from "./metrics.js";
import { isMultipart } from "./multipart.js";
import { openApiDocument } from "./openapi.js";
import { Refusal } from "./problems.js";

/** Adds every address of the server. */
export function addRoutes(app: FastifyInstance, parts: AppParts): void {
  const allowed = new Map<string, string[]>();
  app.addHook("onRoute", ({ url, method }) => {
    allowed.set(url, [...(allowed.get(url) ?? []), ...[method].flat()]);
  });
  addPredictions(app, parts);
  addDescriptions(app, parts);
  for (const [url, allow] of [...allowed]) refuseOtherMethods(app, url, allow);
}

/** Refuses every method that an address does not have, before the body is read. */
function refuseOtherMethods(app: FastifyInstance, url: string, allow: readonly string[]): void {
  const refuse = async (): Promise<never> => {
    const detail = `This address has no such method; it has ${allow.join(", ")}.`;
    throw new Refusal("method/unknown", detail, { allow });
  };
  const method = app.supportedMethods.filter((name) => !allow.includes(name));
  app.route({ url, method, onRequest: refuse, handler: refuse });
}

function addPredictions(app: FastifyInstance, { registry, options, images }: AppParts): void {
  const readInputs = inputReader(options, images);

  // Before a body is read: what would be refused afterwards costs neither memory nor time.
  app.post<{ Params: { task: string } }>(
    "/v1/tasks/:task/predict",
    { onRequest: async ({ params }) => registry.requireRoom([params.task]) },
    async (request, reply): Promise<TaskPredictions> => {
      const { name, modality } = registry.info(request.params.task);
      return withDeadline(reply.raw, options.timeout, async (signal) => {
        const selective = readSelective(request);
        const inputs = await readInputs(request, modality);
        const [predictions] = await registry.predict([name], inputs, selective, signal);
        return predictions!;
      });
    },
  );

  const namesFor = (modality: Modality): string[] =>
    registry.tasks.flatMap(({ info }) => (info.modality === modality ? [info.name] : []));
  const modalityOf = (request: FastifyRequest): Modality =>
    isMultipart(request.headers["content-type"]) ? "image" : "text";
  const onRequest = async (request: FastifyRequest): Promise<void> =>
    registry.requireRoom(namesFor(modalityOf(request)));
  app.post("/v1/predict", { onRequest }, async (request, reply): Promise<PredictAllResponse> => {
    const modality = modalityOf(request);
    return withDeadline(reply.raw, options.timeout, async (signal) => {
      const selective = readSelective(request);
      const inputs = await readInputs(request, modality);
      const names = namesFor(modality);
      if (names.length === 0) {
        throw new Refusal("request/media-type", "No task of this server works on such inputs.");
      }
      return { tasks: await registry.predict(names, inputs, selective, signal) };
    });
  });
}

function addDescriptions(app: FastifyInstance, { registry, metrics, options }: AppParts): void {
  const document = openApiDocument(options);
  app.get(
    "/v1/tasks",
    async (): Promise<TasksResponse> => ({
      tasks: registry.tasks.map(({ info }) => info),
    }),
  );
  app.get("/openapi.json", async () => document);
  app.get("/metrics", async (_request, reply) => {
    reply.type(Metrics.contentType);
    return metrics.registry.expose();
  });
  app.get("/health/live", async () => ({ status: "live" }));
  // Tasks are loaded before the server listens, and a server that stops answers 503 to everything.
  app.get("/health/ready", async () => ({ status: "ready" }));
}
