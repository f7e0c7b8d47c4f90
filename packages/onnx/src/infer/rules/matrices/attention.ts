import { intAttribute } from "../../../ir/attributes.js";
import type { Shape } from "../../../ir/graph.js";
import { divideProducts, productOf } from "../../dims.js";
import type { Rule } from "../../rule.js";

/**
 * Scaled dot-product attention. Query, key and value are [batch, heads, length, size], or
 * [batch, length, heads * size] together with attributes for the numbers of heads.
 */
export const attention: Rule = (view) => {
  const dtype = view.dtype(0);
  const query = view.requireRank(0, 3, 4);
  const value = view.requireRank(2, 3, 4);
  return [dtype && { dtype, shape: query && value && attended(query, value) }];

  function attended(query: Shape, value: Shape): Shape {
    if (query.length === 4) return [...query.slice(0, 3), value.at(-1)!];
    const heads = intAttribute(view.node, "q_num_heads") ?? null;
    const valueHeads = intAttribute(view.node, "kv_num_heads") ?? null;
    const size = divideProducts([value.at(-1)!], [valueHeads]);
    return [query[0]!, query[1]!, productOf([size ?? null, heads])];
  }
};
