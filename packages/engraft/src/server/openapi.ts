import { z } from "zod";
import { version } from "../version.js";
import type { ServerOptions } from "./options.js";
import { PROBLEM_TYPE } from "./problems.js";
import {
  cautionSchema,
  predictAllSchema,
  problemSchema,
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
        Pictures: picturesSchema(options),
        TaskPredictions: jsonSchema(taskPredictionsSchema),
        AllPredictions: jsonSchema(predictAllSchema),
        Tasks: jsonSchema(tasksSchema),
        Problem: jsonSchema(problemSchema),
      },
      responses: {
        Problem: {
          description: "The request was refused.",
          content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    },
    security,
  };
}

function paths(): object {
  const inputs = {
    required: true,
    content: {
      "application/json": { schema: { $ref: "#/components/schemas/Texts" } },
      "multipart/form-data": { schema: { $ref: "#/components/schemas/Pictures" } },
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
      post: operation("predict", "Ask one task about some texts or pictures", "TaskPredictions", {
        parameters: [task, ...cautionParameters()],
        requestBody: inputs,
      }),
    },
    "/v1/predict": {
      post: operation("predictAll", "Ask every task that works on such inputs", "AllPredictions", {
        parameters: cautionParameters(),
        requestBody: inputs,
      }),
    },
    "/v1/tasks": { get: operation("listTasks", "The tasks that are served", "Tasks") },
    "/openapi.json": { get: plain("describe", "This document", "application/json") },
    "/metrics": { get: plain("readMetrics", "Metrics for Prometheus", "text/plain") },
    "/health/live": { get: open("isLive", "Whether the process answers") },
    "/health/ready": { get: open("isReady", "Whether the tasks are loaded") },
  };
}

/** The fields of the query, each a parameter. */
function cautionParameters(): object[] {
  const { properties = {} } = z.toJSONSchema(cautionSchema, { io: "output" });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = property as { description: string };
    return { name, in: "query", required: false, description, schema, example: EXAMPLES[name] };
  });
}

const EXAMPLES: Readonly<Record<string, number>> = { maxError: 0.02, coverage: 0.95 };

/** An operation that answers with JSON of a schema, or with a problem. */
function operation(id: string, summary: string, schema: string, more: object = {}): object {
  const content = { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } };
  return {
    operationId: id,
    summary,
    ...more,
    responses: {
      200: { description: "The answer.", content },
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

function plain(id: string, summary: string, type: string): object {
  const content = { [type]: {} };
  return {
    operationId: id,
    summary,
    responses: {
      200: { description: "The answer.", content },
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

/** An operation that never needs a token. */
function open(id: string, summary: string): object {
  return { ...plain(id, summary, "application/json"), security: [] };
}

function picturesSchema({ maxInputs }: ServerOptions): object {
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
