import type { IncomingMessage, ServerResponse } from "node:http";
import { type Readable, Transform, type TransformCallback } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { ServerOptions } from "../options.js";
import { Refusal, tooLarge } from "../problems.js";

type BodyLimits = Pick<ServerOptions, "maxBody" | "maxBodies">;

/** Bounds the memory of the bodies of all requests under way. */
export function limitBodies(app: FastifyInstance, limits: BodyLimits): void {
  const budget = new BodyBudget(limits);
  app.addHook("preParsing", async ({ raw }, reply, body) => {
    const isEmpty = raw.headers["content-length"] === undefined;
    if (isEmpty && raw.headers["transfer-encoding"] === undefined) return body;
    return budget.count(raw, reply.raw, body as Readable);
  });
}

/** How long a body may take before it can be given up for others, in milliseconds. */
const PATIENCE = 2000;

/**
 * Bounds the memory that the bodies of all requests under way take together, by the bytes that have
 * come: one body is bounded by its own limit, and queues only by numbers of inputs. Where there is no
 * room for more, the body that has held the most for the longest and is still not whole is given up.
 */
export class BodyBudget {
  readonly #limits: BodyLimits;
  readonly #bodies = new Set<CountedBody>();
  #taken = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /**
   * A body that counts until its request is answered or given up. Reading it fails with a Refusal
   * `request/too-large`, `request/slow` or `queue/full`.
   */
  count(request: IncomingMessage, response: ServerResponse, body: Readable): Readable {
    const { maxBody } = this.#limits;
    if (Number(request.headers["content-length"] ?? 0) > maxBody) throw tooLarge(maxBody);
    const counted = new CountedBody((bytes) => this.#take(counted, bytes));
    this.#bodies.add(counted);
    response.once("close", () => {
      this.#bodies.delete(counted);
      this.#taken -= counted.receivedEncodedLength;
    });
    const broken = (): void => void counted.destroy(new Refusal("request/invalid", CLOSED));
    body.once("error", broken);
    request.once("close", () => {
      if (!request.complete) broken();
    });
    return body.pipe(counted);
  }

  #take(body: CountedBody, bytes: number): void {
    const { maxBody, maxBodies } = this.#limits;
    if (body.receivedEncodedLength + bytes > maxBody) throw tooLarge(maxBody);
    while (this.#taken + bytes > maxBodies) this.#giveUpOne(body);
    this.#taken += bytes;
  }

  /** @throws Refusal `queue/full` when there is none that is slow. */
  #giveUpOne(asking: CountedBody): void {
    const now = performance.now();
    const holds = (body: CountedBody): number => body.receivedEncodedLength * (now - body.since);
    const slow = [...this.#bodies].filter(
      (body) => body !== asking && !body.isWhole && now - body.since > PATIENCE,
    );
    const [worst] = slow.sort((a, b) => holds(b) - holds(a));
    if (worst === undefined || worst.receivedEncodedLength === 0) throw memoryFull();
    this.#bodies.delete(worst);
    this.#taken -= worst.giveUp();
  }
}

const CLOSED = "The connection was closed.";

function memoryFull(): Refusal {
  const detail =
    "Too many bytes are under way already. Try again after the seconds in Retry-After.";
  return new Refusal("queue/full", detail, { retryAfter: 1 });
}

/** Passes a body on, and counts its bytes. */
class CountedBody extends Transform {
  /** Bytes so far; the framework compares them with what the head of the request says. */
  receivedEncodedLength = 0;
  /** When the body began, in milliseconds. */
  readonly since = performance.now();
  isWhole = false;
  readonly #take: (bytes: number) => void;

  /** @param take - Throws where so many more bytes are too many. */
  constructor(take: (bytes: number) => void) {
    super();
    this.#take = take;
  }

  override _transform(chunk: Uint8Array, _encoding: string, done: TransformCallback): void {
    try {
      this.#take(chunk.length);
    } catch (error) {
      done(error as Error);
      return;
    }
    this.receivedEncodedLength += chunk.length;
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    this.isWhole = true;
    done();
  }

  /** Ends the request, and returns the bytes that are free again. */
  giveUp(): number {
    const held = this.receivedEncodedLength;
    this.receivedEncodedLength = 0;
    const detail = "The request came in too slowly while the server was short of memory.";
    this.destroy(new Refusal("request/slow", detail));
    return held;
  }
}
