import { visible } from "@engraft/core/escape";

/** Longest part of a message that may come from a request. */
const LONGEST = 200;

/** What a message quotes of a request: its beginning, with control characters shown. */
export function excerpt(text: string): string {
  const start = visible(text.slice(0, LONGEST));
  return text.length > LONGEST ? `${start}...` : start;
}
