import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  ContextConfigDefault,
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchema,
  FastifyTypeProvider,
  HTTPMethods,
  RawServerDefault,
  RouteGenericInterface,
  RouteOptions,
} from "fastify";
import type { z } from "zod";

/** A body that may be of several media types, each with its schema. */
export interface BodyContent {
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>;
}

/** What a schema gives, or one of the schemas of a body. */
type Parsed<Schema> = Schema extends z.ZodType
  ? z.output<Schema>
  : Schema extends BodyContent
    ? z.output<Schema["content"][keyof Schema["content"]]["schema"]>
    : unknown;

/** The types of a handler, by the zod schemas of its route. */
export interface RouteTypes extends FastifyTypeProvider {
  readonly validator: Parsed<this["schema"]>;
  readonly serializer: Parsed<this["schema"]>;
}

/** A server whose handlers are typed by the schemas of their routes. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  RouteTypes
>;

/** A line of the table of routes. */
export interface Route {
  readonly url: string;
  readonly method: HTTPMethods;
  readonly addTo: (app: App) => void;
}

/** Makes a line of the table, whose handler gets what its schemas describe and gives what they describe. */
export function defineRoute<const Schema extends FastifySchema>(
  route: RouteOptions<
    RawServerDefault,
    IncomingMessage,
    ServerResponse,
    RouteGenericInterface,
    ContextConfigDefault,
    Schema,
    RouteTypes
  > & { readonly method: HTTPMethods },
): Route {
  return { url: route.url, method: route.method, addTo: (app) => void app.route(route) };
}

/** The response of a route that is not a problem. */
export interface Answer<Schema, Type extends string> {
  readonly 200: {
    readonly description: string;
    readonly content: { readonly [K in Type]: { readonly schema: Schema } };
  };
}

/** An answer in JSON. */
export function jsonAnswer<Schema extends z.ZodType>(
  schema: Schema,
): Answer<Schema, "application/json"> {
  return { 200: { description: "The answer.", content: { "application/json": { schema } } } };
}

/** An answer in text. */
export function textAnswer<Schema extends z.ZodType>(schema: Schema): Answer<Schema, "text/plain"> {
  return { 200: { description: "The answer.", content: { "text/plain": { schema } } } };
}
