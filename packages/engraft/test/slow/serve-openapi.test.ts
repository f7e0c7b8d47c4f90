import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { beforeAll, describe, expect, it } from "vitest";
import type { OpenServer } from "../../dist/http/serve.js";
import {
  asks,
  keepAppWithoutTasks,
  keepServer,
  trainImageTask,
  trainTextTasks,
  uploads,
} from "../serve-support.js";
import { drawImage, mails } from "../support.js";

/** The parts of an OpenAPI document that are looked at. */
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, Schema>; responses: Record<string, Answer> };
}
interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly { name: string; schema: object; example: unknown }[];
  readonly requestBody?: { content: Record<string, { schema: object; example?: unknown }> };
  readonly responses: Record<string, Answer>;
}
interface Answer {
  readonly $ref?: string;
  readonly headers?: Record<string, { schema: object }>;
  readonly content?: Record<string, { schema: object }>;
}
interface Schema {
  readonly examples?: readonly unknown[];
}
interface BodySchema {
  readonly properties: { readonly inputs: object };
}

const texts = mails.slice(0, 3).map(([text]) => text);

let server: OpenServer;
let document: Document;
let files: Uint8Array[];

beforeAll(async () => {
  const { spam, lines } = { ...(await trainTextTasks()), ...(await trainImageTask()) };
  files = [await drawImage("lie", 1), await drawImage("stand", 2)];
  server = await keepServer([spam, lines], { outliers: true, maxInputs: 4, maxQueue: 4 });
  document = (await server.app.inject("/openapi.json")).json();
}, 240_000);

function operations(): Operation[] {
  return Object.values(document.paths).flatMap((path) => Object.values(path));
}

/** A validator of a schema of the document, which may point at others in it. */
function validatorOf(schema: object): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  return ajv.compile({ ...schema, components: document.components });
}

function expectValid(schema: object, value: unknown): void {
  const validate = validatorOf(schema);
  validate(value);
  expect(validate.errors).toBeNull();
}

describe("the OpenAPI document", () => {
  it("is one of OpenAPI 3.1", async () => {
    const result = await new Validator().validate({ ...structuredClone(document) });
    expect(result).toMatchObject({ valid: true });
  });

  it("has examples for every body, and they are what their schemas describe", () => {
    for (const { examples = [], ...schema } of Object.values(document.components.schemas)) {
      for (const example of examples) expectValid(schema, example);
    }
    for (const { operationId, parameters = [], requestBody, responses } of operations()) {
      for (const { schema, example } of parameters) expectValid(schema, example);
      const texts = requestBody?.content["application/json"];
      if (texts) expectValid(texts.schema, texts.example);
      const answer = responses["200"]!.content!["application/json"]?.schema ?? {};
      const name = "$ref" in answer ? String(answer.$ref).split("/").at(-1)! : undefined;
      if (name) expect(document.components.schemas[name]!.examples, operationId).toBeDefined();
    }
  });

  it("says of every operation how it refuses a request, and which need no token", async () => {
    for (const { operationId, requestBody, responses, security } of operations()) {
      expect(responses.default).toEqual({ $ref: "#/components/responses/Problem" });
      expect("429" in responses).toBe(requestBody !== undefined);
      const isOpen = operationId === "isLive" || operationId === "isReady";
      expect(security).toEqual(isOpen ? [] : undefined);
    }
    const guarded = await keepAppWithoutTasks({ token: "secret" });
    const headers = { authorization: "Bearer secret" };
    const described = (await guarded.inject({ url: "/openapi.json", headers })).json();
    expect(described.security).toEqual([{ bearer: [] }]);
    expect(described.components.securitySchemes.bearer).toEqual({ type: "http", scheme: "bearer" });
  });

  it("is of the limits of its own server", async () => {
    const maxItems = ({ paths }: Document) => {
      const { content } = paths["/v1/predict"]!.post!.requestBody!;
      return Object.values(content).map(({ schema }) => (schema as BodySchema).properties.inputs);
    };
    const other = await keepAppWithoutTasks({ maxInputs: 7, maxText: 99 });
    expect(maxItems((await other.inject("/openapi.json")).json())).toMatchObject([
      { maxItems: 7, items: { maxLength: 99 } },
      { maxItems: 7, items: { contentMediaType: "application/octet-stream" } },
    ]);
    expect(maxItems(document)).toMatchObject([{ maxItems: 4 }, { maxItems: 4 }]);
  });

  it("describes strictly: other bodies are not valid", () => {
    const { TaskPredictions } = document.components.schemas;
    const { content } = document.paths["/v1/predict"]!.post!.requestBody!;
    const Texts = content["application/json"]!.schema;
    for (const [schema, value] of [
      [Texts, { inputs: [] }],
      [Texts, { inputs: ["x"], more: 1 }],
      [Texts, { inputs: [" "] }],
      [TaskPredictions, { task: "spam" }],
    ] as const) {
      expect(validatorOf(schema!)(value)).toBe(false);
    }
  });
});

describe("every answer is as the document says", () => {
  async function check(path: string, method: string, request: InjectOptions, status: number) {
    const answer = await server.app.inject({ method: method.toUpperCase() as "GET", ...request });
    expect(answer.statusCode).toBe(status);
    expectDeclared(path, method, answer);
  }

  function expectDeclared(path: string, method: string, answer: LightMyRequestResponse): void {
    const { responses } = document.paths[path]![method]!;
    const declared = responses[String(answer.statusCode)] ?? responses.default!;
    const name = declared.$ref?.split("/").at(-1);
    const { content, headers = {} } = name ? document.components.responses[name]! : declared;
    const type = String(answer.headers["content-type"]).split(";")[0]!;
    const { schema } = content![type]!;
    expectValid(schema, type.endsWith("json") ? answer.json() : answer.body);
    for (const [header, { schema: expected }] of Object.entries(headers)) {
      expectValid(expected, Number(answer.headers[header.toLowerCase()]));
    }
  }

  const one = "/v1/tasks/{task}/predict";

  it.each(["/v1/tasks", "/openapi.json", "/metrics", "/health/live", "/health/ready"])(
    "GET %s",
    (path) => check(path, "get", { url: path }, 200),
  );

  it("predictions of texts and images, selective or not", async () => {
    await check(one, "post", asks("spam", texts), 200);
    const careful = `${asks("spam", texts).url as string}?maxErrorRate=0.2&confidence=0.8&topK=2`;
    await check(one, "post", { ...asks("spam", texts), url: careful }, 200);
    await check(one, "post", await uploads("lines", files), 200);
    await check("/v1/predict", "post", asks(undefined, texts), 200);
    await check("/v1/predict", "post", await uploads(undefined, files), 200);
  });

  it("refusals", async () => {
    await check(one, "post", asks("spam", [1, ""]), 400);
    await check(one, "post", asks("nobody", texts), 404);
    await check(one, "post", await uploads("spam", files), 415);
    await check(one, "post", await uploads("lines", ["no image"]), 422);
    const inputs = ["a", "b", "c", "d"];
    const many = Array.from({ length: 12 }, () => server.app.inject(asks("spam", inputs)));
    const busy = (await Promise.all(many)).filter(({ statusCode }) => statusCode === 429);
    expect(busy).not.toHaveLength(0);
    for (const answer of busy) expectDeclared(one, "post", answer);
  });
});
