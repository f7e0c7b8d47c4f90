import { ClientError, type ClientOptions, createClient } from "@engraft/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const URL = "http://localhost:8080";

/** A client whose requests are answered by the given responses in turn, and what it has sent. */
function createTestClient(answers: readonly Response[], options: Partial<ClientOptions> = {}) {
  const sent: Request[] = [];
  const left = [...answers];
  const fetch = async (input: string | globalThis.URL | Request, init?: RequestInit) => {
    sent.push(new Request(input, init));
    return left.shift()!;
  };
  return { client: createClient({ url: URL, fetch, ...options }), sent };
}

function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  const type = status === 200 ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": type, ...headers },
  });
}

const busy = () =>
  json({ code: "queue/full", status: 429, detail: "Busy." }, 429, { "retry-after": "3" });

const answer = {
  task: "spam",
  predictions: [{ label: "ham", probability: 1, probabilities: { ham: 1 } }],
};

describe("a request", () => {
  it("carries texts as JSON, what is asked for in its query, and the token", async () => {
    const { client, sent } = createTestClient([json(answer)], { token: "secret" });
    const options = { maxErrorRate: 0.02, confidence: 0.95, topK: 3 };
    const predictions = await client.predict("a task/ü", ["x", "y"], options);
    expect(predictions).toEqual(answer.predictions);
    const [request] = sent;
    expect(request!.url).toBe(
      `${URL}/v1/tasks/a%20task%2F%C3%BC/predict?maxErrorRate=0.02&confidence=0.95&topK=3`,
    );
    expect(request!.method).toBe("POST");
    expect(request!.headers.get("authorization")).toBe("Bearer secret");
    expect(await request!.json()).toEqual({ inputs: ["x", "y"] });
  });

  it("carries images as files", async () => {
    const { client, sent } = createTestClient([json({ tasks: [answer] })]);
    const [task] = await client.predictAll([Uint8Array.of(1, 2), new Blob(["3"])]);
    expect(task).toEqual(answer);
    expect(sent[0]!.url).toBe(`${URL}/v1/predict`);
    const files = (await sent[0]!.formData()).getAll("inputs") as File[];
    expect(await Promise.all(files.map((file) => file.text()))).toEqual(["\u0001\u0002", "3"]);
  });

  it("keeps a path before that of the server", async () => {
    const { client, sent } = createTestClient([json({ tasks: [] })], { url: `${URL}/models//` });
    expect(await client.tasks()).toEqual([]);
    expect(sent[0]!.url).toBe(`${URL}/models/v1/tasks`);
  });
});

it("labels are the only keys of probabilities, whatever they are called", async () => {
  const text = '{"task":"t","predictions":[{"label":"x","probability":1,"probabilities":{"x":1}}]}';
  const response = new Response(text, { headers: { "content-type": "application/json" } });
  const [prediction] = await createTestClient([response]).client.predict("t", ["y"]);
  expect("constructor" in prediction!.probabilities).toBe(false);
});

describe("a refusal", () => {
  it("is thrown with its code and facts", async () => {
    const errors = [{ where: "inputs.1", what: "expected a text" }];
    const problem = { code: "request/invalid", status: 400, detail: "Not so.", errors };
    const thrown = await createTestClient([json(problem, 400)])
      .client.predict("spam", ["x"])
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ClientError);
    expect(thrown).toMatchObject({
      code: "request/invalid",
      status: 400,
      message: "Not so.",
      errors,
      retryAfter: undefined,
    });
  });

  it.each([
    ["a page", new Response("<html>", { status: 502 }), 502],
    ["half a problem", new Response("{", { status: 500, headers: problemType() }), 500],
    ["an answer that is not JSON", new Response("<html>"), 200],
  ])("of what is not an Engraft server says so: %s", async (_, response, status) => {
    const asking = createTestClient([response]).client.tasks();
    await expect(asking).rejects.toMatchObject({ code: "response/invalid", status });
  });
});

function problemType(): Record<string, string> {
  return { "content-type": "application/problem+json" };
}

describe("a busy server", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("is not asked again by default, and the error says when it may be", async () => {
    const { client, sent } = createTestClient([busy()]);
    await expect(client.tasks()).rejects.toMatchObject({ code: "queue/full", retryAfter: 3 });
    expect(sent).toHaveLength(1);
  });

  it("is asked again after the time that it says, as often as retries allow", async () => {
    const { client, sent } = createTestClient([busy(), busy(), json({ tasks: [] })], {
      retries: 2,
    });
    const asking = client.tasks();
    await vi.advanceTimersByTimeAsync(2999);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await asking).toEqual([]);
    const refused = createTestClient([busy(), busy()], { retries: 1 });
    const error = refused.client.tasks().catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await error).toMatchObject({ code: "queue/full" });
  });

  it("is not asked again for what it will never answer", async () => {
    const problem = { code: "task/unknown", status: 404, detail: "No such task." };
    const { client, sent } = createTestClient([json(problem, 404)], { retries: 5 });
    await expect(client.predict("x", ["y"])).rejects.toMatchObject({ code: "task/unknown" });
    expect(sent).toHaveLength(1);
  });

  it("is not asked again once the signal is aborted", async () => {
    const { client, sent } = createTestClient([busy(), busy()], { retries: 5 });
    const controller = new AbortController();
    const asking = client.tasks({ signal: controller.signal }).catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(1000);
    controller.abort(new Error("enough"));
    expect(await asking).toMatchObject({ message: "enough" });
    expect(sent).toHaveLength(1);
  });
});
