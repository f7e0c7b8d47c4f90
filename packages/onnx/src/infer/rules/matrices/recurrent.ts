import { intAttribute } from "../../../ir/attributes.js";
import type { Shape } from "../../../ir/graph.js";
import type { Rule, RuleTable } from "../../rule.js";
import { forEach } from "../../rule.js";

/**
 * Recurrent layers. Data is [length, batch, features], or [batch, length, features] with layout 1;
 * recurrence weights are [directions, gates * hidden, hidden].
 */
const recurrent: Rule = (view) => {
  const dtype = view.sameDtype([0, 1, 2]);
  const input = view.requireRank(0, 3);
  if (dtype === undefined || input === undefined) return [];
  const weights = view.requireRank(2, 3);
  const directions = weights?.[0] ?? null;
  const hidden = weights?.[2] ?? intAttribute(view.node, "hidden_size") ?? null;
  const batchFirst = intAttribute(view.node, "layout", 0) === 1;
  const [length, batch] = batchFirst ? [input[1]!, input[0]!] : [input[0]!, input[1]!];
  const all: Shape = batchFirst
    ? [batch, length, directions, hidden]
    : [length, directions, batch, hidden];
  const last: Shape = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  return [all, last, last].map((shape) => ({ dtype, shape }));
};

export const recurrentRules: RuleTable = forEach(["LSTM", "GRU", "RNN"], recurrent);
