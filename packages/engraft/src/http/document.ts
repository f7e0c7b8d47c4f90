/** The OpenAPI 3.1 document of a server, made of the schemas of its routes. */
import { type FastifyDynamicSwaggerOptions, fastifySwagger } from "@fastify/swagger";
import type { FastifySchema } from "fastify";
import { createJsonSchemaTransform } from "fastify-type-provider-zod";
import type { OpenAPIV3_1 } from "openapi-types";
import { z } from "zod";
import { version } from "../version.js";
import type { HttpOptions } from "./options.js";
import { PROBLEM_TYPE } from "./problems.js";
import type { App, BodyContent } from "./routes/route.js";
import { problem } from "./schemas/problem.js";
import { wire } from "./schemas/wire.js";

/** Collects the routes that are added from now on; `app.swagger()` describes them once all are there. */
export async function describeRoutes(
  app: App,
  { token }: Pick<HttpOptions, "token">,
): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Engraft",
        version,
        description: "Predictions of tasks that share frozen base models.",
      },
      components: {
        schemas: namedSchemas(),
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
      security: token === undefined ? [] : [{ bearer: [] }],
    },
    transform,
    transformObject: (document) => addProblems(document as { openapiObject: Document }),
  });
}

type Document = OpenAPIV3_1.Document;
type JsonSchema = OpenAPIV3_1.SchemaObject;

/** Where a schema of a name stands in the document. */
const uriOf = (id: string): string => `#/components/schemas/${id}`;

/** The schemas of answers that have a name. */
function namedSchemas(): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(wire, { metadata: wire, io: "output", uri: uriOf });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, withoutIdentity(schema)]),
  );
}

/** What a document refers to by its place has no identity of its own. */
function withoutIdentity(whole: z.core.JSONSchema.BaseSchema): JsonSchema {
  const { $schema: _dialect, $id: _uri, id: _name, ...schema } = whole;
  return schema as JsonSchema;
}

function problemResponse(
  description: string,
  headers?: Record<string, OpenAPIV3_1.HeaderObject>,
): OpenAPIV3_1.ResponseObject {
  const schema = { $ref: uriOf(wire.get(problem)!.id!) };
  return { description, ...(headers && { headers }), content: { [PROBLEM_TYPE]: { schema } } };
}

const ofLibrary = createJsonSchemaTransform({ schemaRegistry: wire });

/** As the library describes a route, and its body by each media type, which the library does not know. */
const transform: NonNullable<FastifyDynamicSwaggerOptions["transform"]> = (given) => {
  const { body, ...rest } = given.schema as FastifySchema & { readonly body?: BodyContent };
  const { schema, url } = ofLibrary({ ...given, schema: rest });
  if (body === undefined) return { schema, url };
  const content = Object.entries(body.content).map(([type, each]) => {
    const described = z.toJSONSchema(each.schema, {
      metadata: wire,
      io: "input",
      unrepresentable: "any",
    });
    return [type, { schema: withoutIdentity(described) }];
  });
  return { schema: { ...schema, body: { content: Object.fromEntries(content) } }, url };
};

/** Adds to every operation how it refuses a request. */
function addProblems({ openapiObject }: { readonly openapiObject: Document }): Document {
  for (const path of Object.values(openapiObject.paths ?? {})) {
    for (const operation of [path?.get, path?.post]) {
      if (operation === undefined) continue;
      const busy = { 429: { $ref: "#/components/responses/Busy" } };
      operation.responses = {
        ...operation.responses,
        ...(operation.requestBody !== undefined && busy),
        default: { $ref: "#/components/responses/Problem" },
      };
    }
  }
  return openapiObject;
}
