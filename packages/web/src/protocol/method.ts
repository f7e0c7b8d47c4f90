import { isObject, type MethodRules } from "@engraft/core/workers/rpc";
import type { EngineEvent } from "./facts.js";

/** Options of the product, without functions and without the data among them. */
export type SentOptions = Readonly<Record<string, unknown>>;

/** One method that a page asks its worker for. */
export interface Method<Params, Result> {
  readonly params: Params;
  readonly result: Result;
  readonly event: EngineEvent;
}

/**
 * The rules of a method. Both sides are the same version of this package: a look at what arrives tells an
 * answer from something else.
 */
export function method<Params, Result>(): MethodRules<Params, Result, EngineEvent> {
  return {
    isParams: (value): value is Params => isObject(value),
    isResult: (value): value is Result => value === undefined || isObject(value),
    isEvent: (value): value is EngineEvent => isObject(value) && typeof value.kind === "string",
  };
}
