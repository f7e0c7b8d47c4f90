import type { FastifyInstance, InjectOptions } from "fastify";
import { beforeAll, describe, expect, it } from "vitest";
import { asks, keepAppWithoutTasks } from "./serve-support.js";

const PAGE = "https://app.example";

/** A request with some headers. */
function from(headers: Record<string, string>, url = "/v1/tasks"): InjectOptions {
  return { url, headers };
}

describe("a server on this machine that needs no token", () => {
  let app: FastifyInstance;

  beforeAll(async () => {
    app = await keepAppWithoutTasks({});
  });

  it.each([
    {},
    { host: "localhost" },
    { host: "LOCALHOST:8080" },
    { host: "127.0.0.1:1234" },
    { host: "127.8.9.1" },
    { host: "[::1]:8080" },
    { host: "localhost:8080", origin: "http://localhost:8080", "sec-fetch-site": "same-origin" },
    { host: "localhost:8080", "sec-fetch-site": "none" },
  ])("answers %j", async (headers) => {
    expect((await app.inject(from(headers))).statusCode).toBe(200);
  });

  it.each([
    { host: "evil.example" },
    { host: "localhost.evil.example" },
    { host: "evil.example:8080" },
    { host: "127.0.0.1.evil.example" },
    { host: "127.0.0.1@evil.example" },
    { host: "localhost", "sec-fetch-site": "cross-site" },
    { host: "localhost", "sec-fetch-site": "same-site" },
    { host: "localhost", origin: "http://evil.example" },
    { host: "localhost", origin: "null" },
    { host: "localhost:8080", origin: "http://localhost:3000" },
  ])("refuses %j, at every address", async (headers) => {
    for (const url of ["/v1/tasks", "/metrics", "/health/live", "/nothing"]) {
      const response = await app.inject(from(headers, url));
      expect(response.statusCode).toBe(403);
      expect(response.json()).toMatchObject({ code: "request/forbidden" });
    }
  });

  it("is not open to a form of a page, which a browser sends without asking", async () => {
    const form = new Response(new FormData());
    const response = await app.inject({
      ...asks("lines", []),
      headers: {
        host: "localhost",
        origin: "http://evil.example",
        "content-type": form.headers.get("content-type")!,
      },
      payload: await form.text(),
    });
    expect(response.statusCode).toBe(403);
  });
});

it.each([
  ["with a token", { token: "secret" }],
  ["that listens to other machines", { host: "0.0.0.0" }],
])("a server %s is reached by any name", async (_, options) => {
  const app = await keepAppWithoutTasks(options);
  const headers = { host: "models.example", authorization: "Bearer secret" };
  expect((await app.inject(from(headers))).statusCode).toBe(200);
});

describe("a page whose origin is named", () => {
  let app: FastifyInstance;

  beforeAll(async () => {
    app = await keepAppWithoutTasks({ cors: [PAGE, "http://localhost:3000"], token: "secret" });
  });

  it("may ask what it may send, without a token", async () => {
    const response = await app.inject({
      ...from({
        origin: PAGE,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
        "access-control-request-private-network": "true",
      }),
      method: "OPTIONS",
      url: "/v1/tasks/spam/predict",
    });
    expect(response.statusCode).toBe(204);
    expect(response.headers).toMatchObject({
      "access-control-allow-origin": PAGE,
      "access-control-allow-methods": expect.stringContaining("POST"),
      "access-control-allow-headers": "authorization, content-type",
      "access-control-allow-private-network": "true",
      vary: "Origin",
    });
    expect(response.headers).not.toHaveProperty("access-control-allow-credentials");
  });

  it("reads answers and refusals", async () => {
    const allowed = from({ origin: PAGE, authorization: "Bearer secret" });
    for (const request of [allowed, from({ origin: PAGE }), { ...allowed, url: "/nothing" }]) {
      expect((await app.inject(request)).headers).toMatchObject({
        "access-control-allow-origin": PAGE,
        "access-control-expose-headers": "allow, retry-after",
      });
    }
  });

  it("is the only one: others read nothing, and no cache gives them its answer", async () => {
    const headers = { origin: "https://evil.example", authorization: "Bearer secret" };
    const answer = await app.inject(from(headers));
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    expect(answer.headers.vary).toBe("Origin");
    const asking = { ...headers, "access-control-request-method": "POST" };
    const preflight = await app.inject({ ...from(asking), method: "OPTIONS" });
    expect(preflight.statusCode).toBe(405);
    expect(preflight.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("may use a server that needs no token, too", async () => {
    const open = await keepAppWithoutTasks({ cors: [PAGE] });
    const page = { host: "localhost:8080", origin: PAGE, "sec-fetch-site": "cross-site" };
    const response = await open.inject(from(page));
    expect(response.statusCode).toBe(200);
    expect(response.headers["access-control-allow-origin"]).toBe(PAGE);
  });

  it.each(["*", "app.example", "https://app.example/", "https://app.example/x", "null", "file://"])(
    "cannot be named %s",
    async (origin) => {
      await expect(keepAppWithoutTasks({ cors: [origin] })).rejects.toThrow(/"cors/);
    },
  );
});

it("every answer says that it is what its media type says", async () => {
  const app = await keepAppWithoutTasks({ token: "secret" });
  const allowed = { authorization: "Bearer secret" };
  for (const request of [from(allowed), from({}), from(allowed, "/nothing"), from({}, "/%")]) {
    expect((await app.inject(request)).headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
    });
  }
});

it("what has no address or no token is refused before its body is read", async () => {
  const app = await keepAppWithoutTasks({ token: "secret", maxBody: 100 });
  const payload = "x".repeat(1000);
  const stranger = await app.inject({ ...asks("spam", []), payload });
  expect(stranger.statusCode).toBe(401);
  const headers = { authorization: "Bearer secret" };
  const lost = await app.inject({ method: "POST", url: "/v1/nothing", headers, payload });
  expect(lost.statusCode).toBe(404);
});
