import { describeNode } from "../ir/attributes.js";
import type { Node } from "../ir/graph.js";
import { signatures } from "./signatures.js";

/** Signatures of an operator: those of operator sets, the newest first. */
const signaturesOf: ReadonlyMap<string, readonly (readonly [since: number, text: string])[]> =
  new Map(
    Object.entries(signatures).map(([operator, versions]) => [
      operator,
      Object.entries(versions)
        .map(([since, text]) => [Number(since), text] as const)
        .toReversed(),
    ]),
  );

/**
 * What is wrong with the number of inputs and outputs of a node, or with those that are left out.
 * Nothing is known of operators of other domains, and of those that are newer than `opset`.
 */
export function arityProblems(node: Node, opset: number): string[] {
  if (node.domain !== "") return [];
  const signature = signaturesOf.get(node.opType)?.find(([since]) => since <= opset)?.[1];
  if (signature === undefined) return [];
  const [inputs = "", outputs = ""] = signature.split(" ");
  return [
    problemOf(node.inputs, inputs, "input"),
    problemOf(node.outputs, outputs, "output"),
  ].flatMap((problem) => (problem === undefined ? [] : [`${describeNode(node)} ${problem}`]));
}

function problemOf(
  names: readonly string[],
  signs: string,
  kind: "input" | "output",
): string | undefined {
  const last = signs.at(-1);
  const isOpen = last === "+" || last === "*";
  const least = Math.max(signs.lastIndexOf("1"), signs.lastIndexOf("+")) + 1;
  const most = isOpen ? Number.POSITIVE_INFINITY : signs.length;
  if (names.length < least || names.length > most) {
    return `has ${count(names.length, kind)}, and its operator ${rangeOf(least, most)}`;
  }
  // An output of a list may be left out, as it is not wanted; an input of a list may not.
  const isNeeded = (index: number): boolean =>
    index < signs.length - Number(isOpen) ? signs[index] === "1" : kind === "input";
  const missing = names.findIndex((name, index) => name === "" && isNeeded(index));
  return missing < 0 ? undefined : `leaves out ${kind} ${missing}, which its operator needs`;
}

function rangeOf(least: number, most: number): string {
  if (most === Number.POSITIVE_INFINITY) return `has ${least} or more`;
  return least === most ? `has ${least}` : `has ${least} to ${most}`;
}

function count(number: number, kind: string): string {
  return number === 1 ? `1 ${kind}` : `${number} ${kind}s`;
}
