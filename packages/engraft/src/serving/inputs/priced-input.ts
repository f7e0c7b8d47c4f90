import type { Input } from "@engraft/core/predict";

/** An input, and what it costs: texts as many short ones, images bytes while they are decoded. */
export interface PricedInput {
  readonly input: Input;
  readonly cost: number;
}

/** UTF-16 units of a text that take as long as one more short text: tokenizers read all of it. */
const UNITS_PER_COST = 1000;

/** A text as an input of a request. */
export function textInput(text: string): PricedInput {
  return { input: { kind: "text", text }, cost: 1 + text.length / UNITS_PER_COST };
}
