import type { AppParts } from "../app-parts.js";
import { tasks } from "../schemas/answers.js";
import { defineRoute, jsonAnswer, type Route } from "./route.js";

/** `GET /v1/tasks`: the tasks that are served. */
export function listTasks({ serving }: AppParts): Route {
  return defineRoute({
    method: "GET",
    url: "/v1/tasks",
    schema: {
      operationId: "listTasks",
      summary: "The tasks that are served",
      response: jsonAnswer(tasks),
    },
    handler: async () => ({
      tasks: serving.tasks.map(({ name, manifest }) => {
        const { modality, labels, base, createdAt } = manifest;
        return { name, modality, labels, base: base.id, createdAt };
      }),
    }),
  });
}
