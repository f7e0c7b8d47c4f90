import type { AppParts } from "../app-parts.js";
import { whileWanted } from "../middlewares/deadline.js";
import { Refusal } from "../problems.js";
import { allPredictions } from "../schemas/answers.js";
import { query } from "../schemas/request.js";
import { inputsBody, modalityOf, requireBody, toInputs } from "./inputs.js";
import { defineRoute, jsonAnswer, type Route } from "./route.js";

/** `POST /v1/predict`: asks every task that works on such inputs. */
export function predictAll({ serving, options }: AppParts): Route {
  return defineRoute({
    method: "POST",
    url: "/v1/predict",
    schema: {
      operationId: "predictAll",
      summary: "Ask every task that works on such inputs",
      querystring: query,
      body: inputsBody(options),
      response: jsonAnswer(allPredictions),
    },
    // Before a body is read: what would be refused afterwards costs neither memory nor time.
    onRequest: async (request) => serving.requireRoom(serving.namesFor(modalityOf(request)), 1),
    preValidation: requireBody,
    handler: (request, reply) =>
      whileWanted(reply.raw, options.timeout, async (signal) => {
        const inputs = await toInputs(request.body, serving);
        const names = serving.namesFor(modalityOf(request));
        if (names.length === 0) {
          throw new Refusal("request/media-type", "No task of this server works on such inputs.");
        }
        return { tasks: await serving.predict(names, inputs, { ...request.query, signal }) };
      }),
  });
}
