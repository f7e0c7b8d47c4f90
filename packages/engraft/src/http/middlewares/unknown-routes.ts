import type { FastifyInstance } from "fastify";
import { Refusal } from "../problems.js";

/** Refuses requests to addresses that do not exist, before their body is read. */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  app.addHook("onRequest", (request, _reply, done) => {
    if (request.is404) done(unknownRoute());
    else done();
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
