import { z } from "zod";
import type { AppParts } from "../app-parts.js";
import { whileWanted } from "../middlewares/deadline.js";
import { taskPredictions } from "../schemas/answers.js";
import { query, taskName } from "../schemas/request.js";
import { inputsBody, requireBody, requireMediaType, toInputs } from "./inputs.js";
import { defineRoute, jsonAnswer, type Route } from "./route.js";

/** `POST /v1/tasks/{task}/predict`: asks one task about some inputs. */
export function predictTask({ serving, options }: AppParts): Route {
  return defineRoute({
    method: "POST",
    url: "/v1/tasks/:task/predict",
    schema: {
      operationId: "predict",
      summary: "Ask one task about some texts or images",
      params: z.object({ task: taskName }),
      querystring: query,
      body: inputsBody(options),
      response: jsonAnswer(taskPredictions),
    },
    // Before a body is read: what would be refused afterwards costs neither memory nor time.
    onRequest: async (request) => {
      const { name, manifest } = serving.task(request.params.task);
      requireMediaType(request, manifest.modality);
      serving.requireRoom([name], 1);
    },
    preValidation: requireBody,
    handler: (request, reply) =>
      whileWanted(reply.raw, options.timeout, async (signal) => {
        const inputs = await toInputs(request.body, serving);
        const asked = { ...request.query, signal };
        const [answer] = await serving.predict([request.params.task], inputs, asked);
        return answer!;
      }),
  });
}
