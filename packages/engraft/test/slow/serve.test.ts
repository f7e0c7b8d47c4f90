import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { WirePrediction } from "@engraft/client";
import type { Prediction } from "@engraft/tasks/internal";
import { fc, test } from "@fast-check/vitest";
import { loadTask } from "engraft";
import { beforeAll, describe, expect, it } from "vitest";
import type { OpenServer } from "../../dist/http/serve.js";
import {
  asks,
  copyTask,
  keepAppWithoutTasks,
  keepServer,
  predictAlone,
  trainImageTask,
  trainTextTasks,
  uploads,
} from "../serve-support.js";
import { drawImage, mails } from "../support.js";

const texts = mails.slice(0, 6).map(([text]) => text);

let photos: string;
let spam: string;
let server: OpenServer;
/** What each task says about the texts, or about the images, without a server. */
let alone: { spam: Prediction[]; mood: Prediction[]; short: Prediction[]; lines: Prediction[] };
let files: Uint8Array[];

beforeAll(async () => {
  const { mood, ...tasks } = { ...(await trainTextTasks()), ...(await trainImageTask()) };
  ({ photos, spam } = tasks);
  /** A task that prepares its inputs in another way. */
  const short = await copyTask(spam, "short.engraft", (manifest) => ({
    ...manifest,
    preprocessing: { ...manifest.preprocessing, maxTokens: 4 },
  }));
  files = [await drawImage("lie", 21), await drawImage("stand", 22)];
  alone = {
    spam: await predictAlone(spam, texts),
    mood: await predictAlone(mood, texts),
    short: await predictAlone(short, texts),
    lines: await predictAlone(tasks.lines, files),
  };
  server = await keepServer([spam, mood, short, tasks.lines], {
    maxInputs: 8,
    maxQueue: 64,
    maxBody: 200_000,
    maxText: 1000,
    maxImagePixels: 1_000_000,
  });
}, 240_000);

describe("predictions", () => {
  it("are those of the task alone, to the last bit", async () => {
    for (const task of ["spam", "mood", "short"] as const) {
      const response = await server.app.inject(asks(task, texts));
      expect(response.statusCode).toBe(200);
      expect(response.json()).toEqual({ task, predictions: alone[task] });
    }
  });

  it("of all tasks that read texts alike come from one pass", async () => {
    const before = await metric("engraft_batch_inputs_count");
    const response = await server.app.inject(asks(undefined, texts));
    expect(response.json()).toEqual({
      tasks: [
        { task: "spam", predictions: alone.spam },
        { task: "mood", predictions: alone.mood },
        { task: "short", predictions: alone.short },
      ],
    });
    expect(await metric("engraft_batch_inputs_count")).toBe(before + 2);
  });

  it("of images come for files", async () => {
    expect(alone.lines.map(({ label }) => label)).toEqual(["横", "stehend"]);
    const one = await server.app.inject(await uploads("lines", files));
    expect(one.json()).toEqual({ task: "lines", predictions: alone.lines });
    const all = await server.app.inject(await uploads(undefined, files));
    expect(all.json()).toEqual({ tasks: [{ task: "lines", predictions: alone.lines }] });
  });

  it("of many requests at once are each their own, in fewer passes", async () => {
    const before = await metric("engraft_batch_inputs_count");
    const rows = Array.from({ length: 40 }, (_, n) => n % texts.length);
    const answers = await Promise.all(
      rows.map((row) => server.app.inject(asks("spam", [texts[row]]))),
    );
    for (const [n, answer] of answers.entries()) {
      expect(answer.json().predictions).toEqual([alone.spam[rows[n]!]]);
    }
    expect((await metric("engraft_batch_inputs_count")) - before).toBeLessThan(20);
  });
});

/** The value of a series of the metrics. */
async function metric(series: string): Promise<number> {
  const { body } = await server.app.inject("/metrics");
  const line = body.split("\n").find((each) => each.startsWith(`${series} `));
  return Number(line?.split(" ").at(-1) ?? 0);
}

describe("a request for selective predictions", () => {
  it("is answered as the task alone answers it", async () => {
    const task = await loadTask(spam);
    const selective = { maxErrorRate: 0.2, confidence: 0.8 };
    const expected = await task.predict(texts, selective);
    await task.close();
    const url = "/v1/tasks/spam/predict?maxErrorRate=0.2&confidence=0.8";
    const response = await server.app.inject({ ...asks("spam", texts), url });
    expect(response.json()).toEqual({ task: "spam", predictions: expected });
    expect(expected[0]).toMatchObject({
      accepted: expect.any(Boolean),
      predictionSet: expect.any(Array),
    });
  });

  it("names the most probable labels, best first, where topK asks for them", async () => {
    const answered = async (topK: number) => {
      const url = `/v1/tasks/spam/predict?topK=${topK}`;
      const response = await server.app.inject({ ...asks("spam", texts), url });
      expect(response.statusCode).toBe(200);
      return response.json().predictions as WirePrediction[];
    };
    for (const { label, probability, ranking } of await answered(1)) {
      expect(ranking).toEqual([{ label, probability }]);
    }
    for (const { label, probabilities, ranking } of await answered(5)) {
      expect(ranking).toHaveLength(2);
      expect(ranking![0]!.label).toBe(label);
      expect(ranking![0]!.probability).toBeGreaterThanOrEqual(ranking![1]!.probability);
      for (const each of ranking!) expect(each.probability).toBe(probabilities[each.label]);
    }
  });

  it.each([
    ["maxErrorRate=0.00001", "cannot promise"],
    ["maxErrorRate=2", "maxErrorRate, confidence and topK"],
    ["maxErrorRate=", "maxErrorRate, confidence and topK"],
    ["maxErorr=0.1", "maxErrorRate, confidence and topK"],
    ["topK=0", "maxErrorRate, confidence and topK"],
    ["topK=1.5", "maxErrorRate, confidence and topK"],
  ])("that says %s is refused", async (query, why) => {
    const url = `/v1/tasks/spam/predict?${query}`;
    const response = await server.app.inject({ ...asks("spam", texts), url });
    expectProblem(response, 400, "request/invalid");
    expect(response.json().detail).toContain(why);
  });
});

it("outliers are told by a server that is asked to, as by the task alone", async () => {
  const judging = await keepServer([spam], { outliers: true });
  const task = await loadTask(spam, { outliers: true });
  const expected = await task.predict(texts);
  await task.close();
  const response = await judging.app.inject(asks("spam", texts));
  expect(response.json()).toEqual({ task: "spam", predictions: expected });
  expect(expected[0]!.outlier).toMatchObject({ isOutlier: expect.any(Boolean) });
});

describe("what the server says of itself", () => {
  it("lists its tasks", async () => {
    const { tasks: listed } = (await server.app.inject("/v1/tasks")).json();
    expect(listed).toMatchObject([
      { name: "spam", modality: "text", labels: ["ham", "spam"], base: "minilm-l6" },
      { name: "mood", modality: "text", labels: ["calm", "loud"] },
      { name: "short" },
      { name: "lines", modality: "image", base: "efficientnet-lite0" },
    ]);
  });

  it("is live and ready", async () => {
    for (const path of ["/health/live", "/health/ready"]) {
      expect((await server.app.inject(path)).statusCode).toBe(200);
    }
  });

  it("counts requests, predictions and passes", async () => {
    const requests = 'engraft_http_requests_total{route="/v1/tasks/:task/predict",status="200"}';
    const predictions = 'engraft_predictions_total{task="mood"}';
    const before = [await metric(requests), await metric(predictions)];
    await server.app.inject(asks("mood", texts.slice(0, 2)));
    expect([await metric(requests), await metric(predictions)]).toEqual([
      before[0]! + 1,
      before[1]! + 2,
    ]);
    expect(await metric("engraft_queue_inputs")).toBe(0);
    expect(await metric("process_resident_memory_bytes")).toBeGreaterThan(1e7);
  });

  it("describes every address, with examples that are answered", async () => {
    const document = (await server.app.inject("/openapi.json")).json();
    expect(document.openapi).toBe("3.1.0");
    for (const [path, methods] of Object.entries<Record<string, object>>(document.paths)) {
      for (const method of Object.keys(methods)) {
        const url = path.replaceAll(/\{(\w+)\}/g, ":$1");
        expect(server.app.hasRoute({ method: method.toUpperCase() as "GET", url })).toBe(true);
      }
    }
    const { content } = document.paths["/v1/tasks/{task}/predict"].post.requestBody;
    const { example } = content["application/json"];
    const answer = await server.app.inject({ ...asks("spam", []), payload: example });
    expect(answer.statusCode).toBe(200);
    const [promised] = document.components.schemas.TaskPredictions.examples;
    expect(Object.keys(promised.predictions[0])).toEqual(Object.keys(answer.json().predictions[0]));
  });
});

/** Expects a response to be a problem document. */
function expectProblem(
  response: { statusCode: number; headers: Record<string, unknown>; json(): unknown },
  status: number,
  code: string,
): void {
  expect(response.json()).toMatchObject({
    type: "about:blank",
    title: expect.any(String),
    status,
    detail: expect.stringMatching(/\.$/),
    code,
  });
  expect(response.statusCode).toBe(status);
  expect(response.headers["content-type"]).toBe("application/problem+json");
}

describe("a bad request is refused", () => {
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["no inputs", {}],
    ["inputs that are no list", { inputs: "hello" }],
    ["an empty list", { inputs: [] }],
    ["too many inputs", { inputs: Array.from({ length: 9 }, () => "x") }],
    ["a number among texts", { inputs: ["x", 1] }],
    ["null", { inputs: [null] }],
    ["a blank text", { inputs: [" \n"] }],
    ["a text that is too long", { inputs: ["x".repeat(1001)] }],
    ["unknown fields", { inputs: ["x"], path: "/etc/passwd" }],
    ["a list", [["x"]]],
  ])("for %s", async (_, payload) => {
    const request = { ...asks("spam", []), payload: payload as object };
    expectProblem(await server.app.inject(request), 400, "request/invalid");
  });

  it("with the place of what is wrong", async () => {
    const response = await server.app.inject(asks("spam", ["fine", 7]));
    expect(response.json().errors).toEqual([{ where: "inputs.1", what: "expected a text" }]);
  });

  it.each<[string, string | Buffer, number, string]>([
    ["half a JSON text", '{"inputs": ["x"', 400, "request/json"],
    ["no bytes", "", 400, "request/json"],
    [
      "bytes that are not UTF-8",
      Buffer.from('{"inputs": ["\xff\xfe"]}', "latin1"),
      400,
      "request/encoding",
    ],
    ["a polluted prototype", '{"__proto__": {"x": 1}, "inputs": ["x"]}', 400, "request/invalid"],
    ["too many bytes", `{"inputs": ["${"x".repeat(300_000)}"]}`, 413, "request/too-large"],
    ["very deep JSON", "[".repeat(100_000), 400, "request/json"],
  ])("for %s", async (_, payload, status, code) => {
    const headers = { "content-type": "application/json" };
    const response = await server.app.inject({ ...asks("spam", []), headers, payload });
    expectProblem(response, status, code);
  });

  it("for another media type", async () => {
    const request = asks("spam", []);
    const payload = "inputs=x";
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/xml",
      "x",
    ]) {
      const headers = { "content-type": type };
      const response = await server.app.inject({ ...request, headers, payload });
      expectProblem(response, 415, "request/media-type");
    }
    expectProblem(await server.app.inject(asks("lines", ["x"])), 415, "request/media-type");
    const files = await uploads("spam", [await drawImage("lie", 1)]);
    expectProblem(await server.app.inject(files), 415, "request/media-type");
  });

  it.each([
    "nothing",
    "..%2F..%2Fetc%2Fpasswd",
    "%2e%2e%2fspam",
    "spam.engraft",
    "spam%00",
    "__proto__",
    "constructor",
    "x".repeat(200),
  ])("for the task %s", async (name) => {
    expectProblem(await server.app.inject(asks(name, ["x"])), 404, "task/unknown");
  });

  it("for an address that is none", async () => {
    for (const url of ["/", "/v1/tasks/", "/../../etc/passwd", "/metrics/x"]) {
      expectProblem(await server.app.inject(url), 404, "route/unknown");
    }
    const malformed = await server.app.inject(asks("%E0%A4%A", ["x"]));
    expectProblem(malformed, 400, "request/invalid");
  });
});

it("a method that an address does not have is refused, with those that it has", async () => {
  const wrong = await server.app.inject("/v1/predict");
  expectProblem(wrong, 405, "method/unknown");
  expect(wrong.headers.allow).toBe("POST");
  const deleted = await server.app.inject({ method: "DELETE", url: "/v1/tasks", payload: "x" });
  expectProblem(deleted, 405, "method/unknown");
  expect(deleted.headers.allow).toBe("GET, HEAD");
});

describe("an upload is refused", () => {
  it("for what is no image, by its place", async () => {
    const whole = await drawImage("lie", 3);
    const files = [whole, "no image", "", "<svg xmlns='http://www.w3.org/2000/svg'/>"];
    const response = await server.app.inject(await uploads("lines", files));
    expectProblem(response, 422, "input/unreadable");
    expect(response.json().errors).toMatchObject([
      { where: "inputs.1", what: expect.stringContaining("JPEG") },
      { where: "inputs.2" },
      { where: "inputs.3" },
    ]);
  });

  it("for an image that ends too early", async () => {
    const whole = await readFile(join(photos, "横/写真0.jpg"));
    const response = await server.app.inject(
      await uploads("lines", [whole, whole.subarray(0, whole.length / 2)]),
    );
    expectProblem(response, 422, "input/unreadable");
    expect(response.json().errors).toMatchObject([{ where: "inputs.1" }]);
  });

  it("for more pixels than are decoded, however few its bytes", async () => {
    const { default: sharp } = await import("sharp");
    const bomb = await sharp({
      create: { width: 6000, height: 6000, channels: 3, background: "white" },
    })
      .png({ compressionLevel: 9 })
      .toBuffer();
    expect(bomb.length).toBeLessThan(200_000);
    const response = await server.app.inject(await uploads("lines", [bomb]));
    expectProblem(response, 422, "input/unreadable");
    expect(response.json().errors[0].what).toMatch(/36 megapixels.*limit is 1 megapixel/);
  });

  it("for too many files or bytes", async () => {
    const small = await drawImage("lie", 1);
    const many = await uploads(
      "lines",
      Array.from({ length: 9 }, () => small),
    );
    expectProblem(await server.app.inject(many), 413, "request/too-large");
    const large = await uploads("lines", [new Uint8Array(150_000), new Uint8Array(150_000)]);
    expectProblem(await server.app.inject(large), 413, "request/too-large");
  });

  it("for no files, other fields, or a body that is cut", async () => {
    expectProblem(await server.app.inject(await uploads("lines", [])), 400, "request/invalid");
    const whole = await uploads("lines", [await drawImage("lie", 1)]);
    const payload = (whole.payload as Buffer).subarray(0, 500);
    expectProblem(await server.app.inject({ ...whole, payload }), 400, "request/invalid");
    const form = new FormData();
    form.append("inputs", "a text");
    const field = new Response(form);
    const response = await server.app.inject({
      ...asks("lines", []),
      headers: { "content-type": field.headers.get("content-type")! },
      payload: Buffer.from(await field.arrayBuffer()),
    });
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    expect(response.statusCode).toBeLessThan(500);
  });
});

const bodies = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.anything().map((inputs) => JSON.stringify({ inputs }) ?? ""),
);
const types = fc.oneof(
  fc.constantFrom(
    "application/json",
    "application/json; charset=latin1",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/problem+json",
  ),
  fc.string({ minLength: 1, maxLength: 30 }).map((text) => encodeURIComponent(text)),
);
const addresses = fc.oneof(
  fc.constantFrom("/v1/tasks/spam/predict", "/v1/tasks/lines/predict", "/v1/predict"),
  fc
    .string({ unit: "binary", maxLength: 30 })
    .map((name) => `/v1/tasks/${encodeURIComponent(name)}/predict`),
  fc.webPath().map((path) => `/v1/tasks/${path}`),
);

test.prop([addresses, types, bodies], { numRuns: 300 })(
  "no request is answered with anything but a prediction or a problem of its own",
  async (url, type, payload) => {
    const headers = { "content-type": type };
    const response = await server.app.inject({ method: "POST", url, headers, payload });
    if (response.statusCode === 200) {
      expect(response.json()).toHaveProperty(url === "/v1/predict" ? "tasks" : "predictions");
      return;
    }
    expectProblem(response, response.statusCode, response.json().code);
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    expect(response.statusCode).toBeLessThan(500);
  },
);

it("more than can wait is refused for a time, and taken again afterwards", async () => {
  const inputs = Array.from({ length: 8 }, () => "a");
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => server.app.inject(asks("mood", inputs))),
  );
  const refused = answers.filter(({ statusCode }) => statusCode === 429);
  const taken = answers.filter(({ statusCode }) => statusCode === 200);
  expect(refused.length + taken.length).toBe(40);
  expect(taken.length).toBeGreaterThanOrEqual(8);
  for (const response of refused) {
    expectProblem(response, 429, "queue/full");
    expect(Number(response.headers["retry-after"])).toBeGreaterThanOrEqual(1);
  }
  expect(refused.length).toBeGreaterThan(0);
  expect((await server.app.inject(asks("mood", ["a"]))).statusCode).toBe(200);
});

it("a token is needed for all but health", async () => {
  const app = await keepAppWithoutTasks({ token: "secret" });
  const ask = (url: string, authorization?: string) =>
    app.inject({ url, headers: authorization ? { authorization } : {} });
  for (const wrong of [
    undefined,
    "secret",
    "Bearer",
    "Bearer secre",
    "Bearer secret2",
    "Basic x",
  ]) {
    const response = await ask("/v1/tasks", wrong);
    expectProblem(response, 401, "auth/required");
    expect(response.headers["www-authenticate"]).toBe("Bearer");
  }
  expect((await ask("/v1/tasks", "Bearer secret")).statusCode).toBe(200);
  for (const url of ["/metrics", "/openapi.json", "/nothing", "/health/../metrics", "/health"]) {
    expectProblem(await ask(url), 401, "auth/required");
  }
  expect((await ask("/health/ready")).statusCode).toBe(200);
});

describe("a server is not opened", () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ["without tasks", () => keepServer([]), /nothing to serve/],
    ["for a folder that is no task", () => keepServer([photos]), /not a task folder/],
    [
      "for two tasks of one name",
      async () => keepServer([spam, await copyTask(spam, "spam.engraft")]),
      /both be the task "spam"/,
    ],
    ["with an odd option", () => keepServer([spam], { port: -1 }), /"port" is not valid/],
    ["with an empty token", () => keepServer([spam], { token: "" }), /"token"/],
    [
      "with a queue that no request fits in",
      () => keepServer([spam], { maxQueue: 1 }),
      /maxInputs/,
    ],
  ])("%s", async (_, open, message) => {
    await expect(open()).rejects.toThrow(message);
  });
});
