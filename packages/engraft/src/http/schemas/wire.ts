import { z } from "zod";

/** What the OpenAPI document says of a schema. */
export type WireMeta = {
  /** Name of the schema among the components of the document. */
  readonly id?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  /** For what JSON Schema cannot say of a schema: how it comes over the wire. */
  readonly type?: string;
  readonly contentMediaType?: string;
};

/** Names, descriptions and examples of the answers. A registry of our own: zod's belongs to the user. */
export const wire: z.core.$ZodRegistry<WireMeta> = z.registry<WireMeta>();

/**
 * A schema for each field of a type of the wire, no more and no less: an object of schemas that `satisfies`
 * this cannot drift from the type that clients compile against.
 */
export type FieldsOf<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };
