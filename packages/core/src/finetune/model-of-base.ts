import type { BaseModel } from "../bases/base.js";
import { FEATURES_OUTPUT } from "../features/graph.js";
import { Model } from "../model/model.js";
import { embeddingGraph } from "./source-graph.js";

/**
 * A base as a model to take layers from. Its output, `features`, is the pooled last layer: one vector
 * for each example. The taps of the base, `block.3`, are as the base computes them.
 */
export function modelOfBase(base: BaseModel): Model {
  const { inputs, preprocessing, taps } = base.spec;
  return Model.fromOnnx(embeddingGraph(base), {
    taps: new Map([
      ...taps.map(({ name, value }) => [name, value] as const),
      ["features", FEATURES_OUTPUT],
    ]),
    preparation: { inputs, preprocessing, tokenizer: base.tokenizer },
  });
}
