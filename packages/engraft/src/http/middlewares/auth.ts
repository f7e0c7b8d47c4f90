import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { Refusal } from "../problems.js";

/** Requires a bearer token of every request but those for health. */
export function requireToken(app: FastifyInstance, token: string): void {
  const check = bearerCheck(token);
  app.addHook("onRequest", async ({ url, headers }) => {
    if (!url.startsWith("/health/")) check(headers.authorization);
  });
}

/**
 * Makes the check of a bearer token. Digests are compared, which are of equal length, in a time that
 * does not depend on how much of the token is right.
 *
 * @throws Refusal `auth/required`, by the check.
 */
function bearerCheck(token: string): (authorization: string | undefined) => void {
  const expected = digestOf(token);
  return (authorization = "") => {
    const [, given] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
    if (given !== undefined && timingSafeEqual(digestOf(given), expected)) return;
    throw new Refusal(
      "auth/required",
      "This server needs a token. Send it in the header Authorization: Bearer <token>.",
    );
  };
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
