import type { FastifyInstance } from "fastify";
import { Refusal } from "../problems.js";

/** Refuses requests once the server stops, and closes the connections that would keep it open. */
export function refuseWhileStopping(app: FastifyInstance): void {
  let isStopping = false;
  app.addHook("preClose", async () => {
    isStopping = true;
  });
  app.addHook("onRequest", (_request, _reply, done) => {
    if (!isStopping) done();
    else done(new Refusal("server/stopping", "The server is stopping.", { retryAfter: 1 }));
  });
  app.addHook("onSend", async ({ raw }, reply) => {
    // A connection on which a body was given up in its middle cannot be used again.
    const isCut = !raw.complete && raw.readableFlowing !== null;
    if (isStopping || isCut) reply.header("connection", "close");
  });
}
