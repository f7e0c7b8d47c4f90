import { isCount } from "./checks.js";
import { isObject } from "./is-object.js";
import { isSentError, type SentError } from "./sent-error.js";

/** What a client sends. */
export type Request =
  | {
      readonly kind: "call";
      /** Unique among the calls of the connection. */
      readonly id: number;
      readonly method: string;
      readonly params: unknown;
    }
  /** The caller no longer waits for the answer to a call. It is answered nevertheless. */
  | { readonly kind: "cancel"; readonly id: number };

/** What a server sends: one result or error for each call, in any order, and events before it. */
export type Reply =
  | { readonly kind: "result"; readonly id: number; readonly result: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: SentError }
  | { readonly kind: "event"; readonly id: number; readonly event: unknown }
  /** A request cannot be read, so that nobody can say which call waits for its answer. */
  | { readonly kind: "fault"; readonly error: SentError };

/** A message that has arrived, as a request; undefined when it is none. */
export function asRequest(message: unknown): Request | undefined {
  if (!isObject(message)) return undefined;
  const { kind, id, method } = message;
  const isCall = kind === "call" && typeof method === "string" && "params" in message;
  return isCount(id) && (isCall || kind === "cancel") ? (message as Request) : undefined;
}

/** A message that has arrived, as a reply; undefined when it is none. */
export function asReply(message: unknown): Reply | undefined {
  if (!isObject(message)) return undefined;
  const { kind, id, error } = message;
  const isReply =
    (kind === "result" && isCount(id) && "result" in message) ||
    (kind === "event" && isCount(id) && "event" in message) ||
    (kind === "error" && isCount(id) && isSentError(error)) ||
    (kind === "fault" && isSentError(error));
  return isReply ? (message as Reply) : undefined;
}
