import { z } from "zod";
import { UsageError } from "../../errors.js";
import { patternOf } from "../../model/weights/patterns.js";
import type { WeightGroup } from "./layerwise-groups.js";

/** Validates a group. */
export const weightGroupSchema: z.ZodType<WeightGroup, WeightGroup> = z.strictObject({
  match: z.string().min(1),
  learningRate: z.number().min(0).optional(),
  weightDecay: z.number().min(0).optional(),
});

/** How one weight is updated. */
export interface WeightSettings {
  /** Multiplies the learning rate of the run. */
  readonly learningRateFactor: number;
  readonly weightDecay: number;
}

/**
 * How each weight is updated. The first group that matches a weight applies to it. Weight decay is
 * for matrices and kernels: weights with at most one axis, which are biases and the scales of
 * normalisations, have none unless a group gives them some.
 *
 * @param weights - Names and shapes of the trainable weights.
 * @throws UsageError for a group that matches none of them.
 */
export function weightSettings(
  weights: readonly { readonly name: string; readonly dims: readonly unknown[] }[],
  run: {
    readonly learningRate: number;
    readonly weightDecay: number;
    readonly groups: readonly WeightGroup[];
  },
): Map<string, WeightSettings> {
  const matchers = run.groups.map((group) => ({ group, pattern: patternOf(group.match) }));
  for (const { group, pattern } of matchers) {
    if (weights.some(({ name }) => pattern.test(name))) continue;
    throw new UsageError(
      `The group "${group.match}" matches no trainable weight. Their names are like "${weights[0]?.name}"; ` +
        "`**` matches any part of a name.",
    );
  }
  return new Map(
    weights.map(({ name, dims }) => {
      const group = matchers.find(({ pattern }) => pattern.test(name))?.group;
      return [
        name,
        {
          learningRateFactor: (group?.learningRate ?? run.learningRate) / run.learningRate,
          weightDecay: group?.weightDecay ?? (dims.length > 1 ? run.weightDecay : 0),
        },
      ];
    }),
  );
}
