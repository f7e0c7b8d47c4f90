import { z } from "zod";
import { version } from "../version.js";
import type { ServerOptions } from "./options.js";
import { PROBLEM_TYPE } from "./problems.js";
import {
  healthSchema,
  predictAllSchema,
  problemSchema,
  selectiveSchema,
  taskPredictionsSchema,
  tasksSchema,
  textsBody,
} from "./schemas.js";

/** The OpenAPI 3.1 document of a server. */
export function openApiDocument(options: ServerOptions): object {
  const security = options.token === undefined ? [] : [{ bearer: [] }];
  return {
    openapi: "3.1.0",
    info: {
      title: "Engraft",
      version,
      description: "Predictions of tasks that share frozen base models.",
    },
    paths: paths(),
    components: {
      schemas: {
        Texts: jsonSchema(textsBody(options)),
        Images: imagesSchema(options),
        TaskPredictions: jsonSchema(taskPredictionsSchema),
        AllPredictions: jsonSchema(predictAllSchema),
        Tasks: jsonSchema(tasksSchema),
        Health: jsonSchema(healthSchema),
        Problem: jsonSchema(problemSchema),
      },
      responses: {
        Problem: problemResponse("The request was refused."),
        Busy: problemResponse("Too many inputs wait already.", {
          "Retry-After": {
            description: "Seconds after which the request may be repeated.",
            required: true,
            schema: { type: "integer", minimum: 1 },
          },
        }),
      },
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    },
    security,
  };
}

function problemResponse(description: string, headers?: object): object {
  const content = { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } };
  return { description, ...(headers && { headers }), content };
}

function paths(): object {
  const inputs = {
    required: true,
    content: {
      "application/json": { schema: { $ref: "#/components/schemas/Texts" } },
      "multipart/form-data": { schema: { $ref: "#/components/schemas/Images" } },
    },
  };
  const task = {
    name: "task",
    in: "path",
    required: true,
    description: "Name of a task, as GET /v1/tasks lists it.",
    schema: { type: "string" },
    example: "spam",
  };
  return {
    "/v1/tasks/{task}/predict": {
      post: prediction("predict", "Ask one task about some texts or images", "TaskPredictions", {
        parameters: [task, ...selectiveParameters()],
        requestBody: inputs,
      }),
    },
    "/v1/predict": {
      post: prediction("predictAll", "Ask every task that works on such inputs", "AllPredictions", {
        parameters: selectiveParameters(),
        requestBody: inputs,
      }),
    },
    "/v1/tasks": { get: operation("listTasks", "The tasks that are served", "Tasks") },
    "/openapi.json": {
      get: answered("describe", "This document", "application/json", { type: "object" }),
    },
    "/metrics": {
      get: answered("readMetrics", "Metrics for Prometheus", "text/plain", { type: "string" }),
    },
    "/health/live": { get: open("isLive", "Whether the process answers") },
    "/health/ready": { get: open("isReady", "Whether the tasks are loaded") },
  };
}

/** The fields of the query, each a parameter. */
function selectiveParameters(): object[] {
  const { properties = {} } = z.toJSONSchema(selectiveSchema, { io: "output" });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = property as { description: string };
    return { name, in: "query", required: false, description, schema, example: EXAMPLES.get(name) };
  });
}

const EXAMPLES: ReadonlyMap<string, number> = new Map([
  ["maxError", 0.02],
  ["coverage", 0.95],
]);

/** An operation that may find a full queue. */
function prediction(
  id: string,
  summary: string,
  schema: string,
  request: { readonly parameters: readonly object[]; readonly requestBody: object },
): object {
  const { responses, ...rest } = operation(id, summary, schema);
  const busy = { 429: { $ref: "#/components/responses/Busy" } };
  return { ...rest, ...request, responses: { ...responses, ...busy } };
}

/** What every operation has. */
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly responses: object;
}

/** An operation that answers with JSON of a schema, or with a problem. */
function operation(id: string, summary: string, schema: string): Operation {
  return answered(id, summary, "application/json", { $ref: `#/components/schemas/${schema}` });
}

function answered(id: string, summary: string, type: string, schema: object): Operation {
  return {
    operationId: id,
    summary,
    responses: {
      200: { description: "The answer.", content: { [type]: { schema } } },
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

/** An operation that never needs a token. */
function open(id: string, summary: string): object {
  return { ...operation(id, summary, "Health"), security: [] };
}

function imagesSchema({ maxInputs }: ServerOptions): object {
  return {
    type: "object",
    description: "Files: JPEG, PNG, WebP, GIF, AVIF or TIFF. Fields may have any name.",
    properties: {
      inputs: {
        type: "array",
        minItems: 1,
        maxItems: maxInputs,
        items: { type: "string", contentMediaType: "application/octet-stream" },
      },
    },
    required: ["inputs"],
  };
}

function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema);
  return rest;
}
