import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough, type Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BodyBudget } from "./body-budget.js";

const LIMITS = { maxBody: 100, maxBodies: 300 };

/** A request under way, whose bytes are sent by the test. */
function openRequest(budget: BodyBudget, headers: IncomingMessage["headers"] = {}) {
  const sent = new PassThrough();
  const response = new EventEmitter();
  const request = Object.assign(new EventEmitter(), { headers, complete: false });
  const body = budget.count(
    request as unknown as IncomingMessage,
    response as unknown as ServerResponse,
    sent,
  );
  const failed = failureOf(body);
  body.resume();
  return {
    send: (bytes: number) => sent.write(Buffer.alloc(bytes)),
    end: () => sent.end(),
    answer: () => response.emit("close"),
    breakOff: () => request.emit("close"),
    failed,
  };
}

async function failureOf(body: Readable): Promise<unknown> {
  return new Promise((resolve) => {
    body.on("error", resolve);
    body.on("end", () => resolve("whole"));
  });
}

/** Lets what was sent arrive. */
async function turn(milliseconds = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("bodies take memory", () => {
  it("of the bytes that came, not of those that their heads promise", async () => {
    const budget = new BodyBudget(LIMITS);
    for (let n = 0; n < 50; n++) openRequest(budget, { "content-length": "100" }).send(1);
    await turn();
    const late = openRequest(budget);
    late.send(100);
    late.end();
    await turn();
    expect(await late.failed).toBe("whole");
  });

  it("until they are answered", async () => {
    const budget = new BodyBudget(LIMITS);
    const first = [100, 100, 100].map((bytes) => {
      const request = openRequest(budget);
      request.send(bytes);
      request.end();
      return request;
    });
    await turn(5000);
    const refused = openRequest(budget);
    refused.send(1);
    expect(await refused.failed).toMatchObject({
      code: "queue/full",
      facts: { retryAfter: 1 },
    });
    first[0]!.answer();
    const taken = openRequest(budget);
    taken.send(100);
    taken.end();
    expect(await taken.failed).toBe("whole");
  });
});

it("a body that is slow gives way to others where memory is short", async () => {
  const budget = new BodyBudget(LIMITS);
  const slow = [99, 99, 98].map((bytes) => {
    const request = openRequest(budget);
    request.send(bytes);
    return request;
  });
  await turn(1000);
  const early = openRequest(budget);
  early.send(50);
  expect(await early.failed).toMatchObject({
    code: "queue/full",
    facts: { retryAfter: 1 },
  });
  await turn(2000);
  const next = openRequest(budget);
  next.send(100);
  next.end();
  expect(await next.failed).toBe("whole");
  expect(await slow[0]!.failed).toMatchObject({ code: "request/slow" });
});

describe("a body fails", () => {
  it.each([
    ["by its head", { "content-length": "101" }, 0],
    ["by what comes", {}, 101],
  ])("that is too large %s", async (_, headers, bytes) => {
    const budget = new BodyBudget(LIMITS);
    const failure = async (): Promise<unknown> => {
      const request = openRequest(budget, headers);
      request.send(bytes);
      return request.failed;
    };
    const error = await failure().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "request/too-large" });
  });

  it("whose connection breaks off", async () => {
    const request = openRequest(new BodyBudget(LIMITS));
    request.send(10);
    await turn();
    request.breakOff();
    expect(await request.failed).toMatchObject({ code: "request/invalid" });
  });
});
