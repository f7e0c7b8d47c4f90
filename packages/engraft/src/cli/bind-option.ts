import type { InputBinding } from "@engraft/tasks";
import { parseBindings } from "../models/bind.js";

/** `--bind name=value`, once for each input or size. */
export const BIND_OPTION = "--bind <name=value>";

export const BIND_TEXT =
  "fix an input of an ONNX file to a constant, or the name of a size to a number; may be repeated";

/** What is given, as a configuration holds it; `undefined` where nothing is. */
export function bindingsGiven(given: readonly string[]): InputBinding[] | undefined {
  if (given.length === 0) return undefined;
  return Array.from(parseBindings(given), ([name, values]) => ({ name, values }));
}

/** Collects what is given. */
export function collectBinding(given: string, before: string[]): string[] {
  return [...before, given];
}
