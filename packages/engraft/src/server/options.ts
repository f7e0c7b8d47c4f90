import { UsageError } from "@engraft/core/errors";
import { z } from "zod";
import { bodyMemory, LEAST_IMAGES } from "./queue/memory.js";

/** What a server accepts, and how it works. */
export interface ServerOptions {
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
  /** Most inputs in one pass of a base. Default 64. */
  readonly maxBatch: number;
  /** How long an input may wait for others to fill a batch, in milliseconds. Default 0. */
  readonly maxWait: number;
  /** Most inputs that may wait for one base. Default 1024. */
  readonly maxQueue: number;
  /**
   * How long the inputs that wait for one base may be expected to take, in milliseconds: once a whole
   * batch waits, more are refused. Default 600.
   */
  readonly maxDelay: number;
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
  /** Largest width x height of an image. Default 25,000,000. */
  readonly maxImagePixels: number;
  /**
   * Memory that images of all requests take together while they are decoded, in bytes. Default: half of
   * what is free, or of what the container may take, once the tasks are loaded.
   */
  readonly maxImageMemory?: number | undefined;
  /** How long a request may take, in milliseconds, first to arrive and then to be answered. Default 30,000. */
  readonly timeout: number;
  /** Whether every prediction says how familiar its input is; tasks must keep their examples. Default false. */
  readonly outliers: boolean;
  /** How often task folders are looked at for a change, in milliseconds; 0 for never. Default 1000. */
  readonly reloadEvery: number;
}

/** Options as a user gives them. */
export type ServerOptionsInput = {
  readonly [K in keyof ServerOptions]?: ServerOptions[K] | undefined;
};

const positive = z.int().min(1);

type ParsedOptions = Omit<ServerOptions, "maxBodies"> & Pick<ServerOptionsInput, "maxBodies">;

const optionsSchema: z.ZodType<ParsedOptions, ServerOptionsInput> = z.strictObject({
  port: z.int().min(0).max(65_535).default(8080),
  host: z.string().min(1).default("127.0.0.1"),
  token: z
    .string()
    .regex(/^[\x21-\x7e]+$/, "expected printable ASCII without spaces")
    .optional(),
  cors: z
    .array(z.string().refine(isOrigin, "expected an origin as https://app.example"))
    .default([]),
  maxBatch: positive.max(4096).default(64),
  maxWait: z.int().min(0).max(10_000).default(0),
  maxQueue: positive.default(1024),
  maxDelay: positive.max(3_600_000).default(600),
  maxInputs: positive.default(256),
  maxBody: positive.default(16_000_000),
  maxBodies: positive.optional(),
  maxText: positive.default(100_000),
  maxImagePixels: positive.default(25_000_000),
  maxImageMemory: positive.min(LEAST_IMAGES).optional(),
  timeout: positive.max(3_600_000).default(30_000),
  outliers: z.boolean().default(false),
  reloadEvery: z.int().min(0).default(1000),
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
  const result = optionsSchema.safeParse(input);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new UsageError(
      `The server's option "${issue?.path.join(".")}" is not valid: ${issue?.message}.`,
    );
  }
  const { maxInputs, maxQueue, maxBody, maxBodies = bodyMemory(maxBody) } = result.data;
  if (maxBody > maxBodies) {
    throw new UsageError(
      `A request may have ${maxBody} bytes (maxBody), and all together only ${maxBodies} (maxBodies). ` +
        "Raise maxBodies or lower maxBody.",
    );
  }
  if (maxInputs <= maxQueue) return { ...result.data, maxBodies };
  throw new UsageError(
    `A request may have ${maxInputs} inputs (maxInputs), and only ${maxQueue} may wait (maxQueue). ` +
      "Raise maxQueue or lower maxInputs.",
  );
}
