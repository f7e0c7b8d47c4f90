import { UsageError } from "@engraft/core/errors";
import { z } from "zod";
import {
  parseOptions,
  type ServingOptions,
  type ServingOptionsInput,
  servingFields,
} from "../serving/options.js";
import { bodyMemory } from "./body/body-memory.js";

/** What a server accepts of its clients. */
export interface HttpOptions {
  /** Default 8080; 0 takes any that is free. */
  readonly port: number;
  /** Address to listen on. Default `127.0.0.1`: this machine only. */
  readonly host: string;
  /** Bearer token that every request but those for health must carry. Default: none. */
  readonly token?: string | undefined;
  /**
   * Origins whose pages may use the server from a browser, as browsers write them:
   * `https://app.example`. Default: none.
   */
  readonly cors: readonly string[];
  /** Most inputs in one request. Default 256. */
  readonly maxInputs: number;
  /** Largest body, in bytes. Default 16,000,000. */
  readonly maxBody: number;
  /**
   * Most bytes of the bodies of all requests under way. Default: 16 of the largest, but no more than an
   * eighth of the memory.
   */
  readonly maxBodies: number;
  /** Longest text, in UTF-16 units. Default 100,000. */
  readonly maxText: number;
  /** How long a request may take, in milliseconds, first to arrive and then to be answered. Default 30,000. */
  readonly timeout: number;
}

/** How a server serves tasks over HTTP. */
export interface ServerOptions extends ServingOptions, HttpOptions {}

/** Options of a server as a user gives them. */
export type ServerOptionsInput = ServingOptionsInput & {
  readonly [K in keyof HttpOptions]?: HttpOptions[K] | undefined;
};

const positive = z.int().min(1);

type ParsedOptions = Omit<ServerOptions, "maxBodies"> & Pick<ServerOptionsInput, "maxBodies">;

const schema: z.ZodType<ParsedOptions, ServerOptionsInput> = z.strictObject({
  ...servingFields,
  port: z.int().min(0).max(65_535).default(8080),
  host: z.string().min(1).default("127.0.0.1"),
  token: z
    .string()
    .regex(/^[\x21-\x7e]+$/, "expected printable ASCII without spaces")
    .optional(),
  cors: z
    .array(z.string().refine(isOrigin, "expected an origin as https://app.example"))
    .default([]),
  maxInputs: positive.default(256),
  maxBody: positive.default(16_000_000),
  maxBodies: positive.optional(),
  maxText: positive.default(100_000),
  timeout: positive.max(3_600_000).default(30_000),
});

/** Whether a text is an origin of a page in the very form in which browsers send it. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/**
 * Fills in the defaults.
 *
 * @throws UsageError when an option is not valid.
 */
export function parseServerOptions(input: ServerOptionsInput): ServerOptions {
  const parsed = parseOptions(schema, input);
  const { maxInputs, maxQueue, maxBody, maxBodies = bodyMemory(maxBody) } = parsed;
  if (maxBody > maxBodies) {
    throw new UsageError(
      `A request may have ${maxBody} bytes (maxBody), and all together only ${maxBodies} (maxBodies). ` +
        "Raise maxBodies or lower maxBody.",
    );
  }
  if (maxInputs <= maxQueue) return { ...parsed, maxBodies };
  throw new UsageError(
    `A request may have ${maxInputs} inputs (maxInputs), and only ${maxQueue} may wait (maxQueue). ` +
      "Raise maxQueue or lower maxInputs.",
  );
}
