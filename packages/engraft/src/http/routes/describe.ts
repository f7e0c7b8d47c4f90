import { openApi } from "../schemas/answers.js";
import { defineRoute, jsonAnswer, type Route } from "./route.js";

/** `GET /openapi.json`: the description of the server, made of the table of routes. */
export function describe(): Route {
  return defineRoute({
    method: "GET",
    url: "/openapi.json",
    schema: {
      operationId: "describe",
      summary: "This document",
      response: jsonAnswer(openApi),
    },
    handler: async ({ server }) => server.swagger(),
  });
}
