import { describe, expect, it } from "vitest";
import { UsageError } from "../../errors.js";
import { layerwiseGroups } from "./layerwise-groups.js";
import { weightSettings } from "./weight-groups.js";

const weights = [
  { name: "encoder.layer.1.dense.weight", dims: [4, 4] },
  { name: "encoder.layer.10.dense.weight", dims: [4, 4] },
  { name: "encoder.layer.10.norm.weight", dims: [4] },
  { name: "head/bias", dims: [2] },
];
const run = { learningRate: 1e-2, weightDecay: 0.01 };

describe("weightSettings", () => {
  it("decays matrices alone", () => {
    const settings = weightSettings(weights, { ...run, groups: [] });
    expect([...settings.values()].map(({ weightDecay }) => weightDecay)).toEqual([
      0.01, 0.01, 0, 0,
    ]);
    expect([...settings.values()].every(({ learningRateFactor }) => learningRateFactor === 1)).toBe(
      true,
    );
  });

  it("gives each weight to the first group that matches", () => {
    const groups = [
      { match: "encoder.layer.1.**", learningRate: 1e-3 },
      { match: "encoder.layer.*.norm.*", weightDecay: 0.5 },
      { match: "encoder.**", learningRate: 0, weightDecay: 0 },
    ];
    const settings = weightSettings(weights, { ...run, groups });
    expect([...settings]).toEqual([
      ["encoder.layer.1.dense.weight", { learningRateFactor: 0.1, weightDecay: 0.01 }],
      ["encoder.layer.10.dense.weight", { learningRateFactor: 0, weightDecay: 0 }],
      ["encoder.layer.10.norm.weight", { learningRateFactor: 1, weightDecay: 0.5 }],
      ["head/bias", { learningRateFactor: 1, weightDecay: 0 }],
    ]);
  });

  it.each(["encoder.layer.2.**", "encoder.*", "encoder?layer.1.**", ".+"])(
    "refuses a group that matches nothing: %s",
    (match) => {
      expect(() => weightSettings(weights, { ...run, groups: [{ match }] })).toThrow(UsageError);
    },
  );
});

describe("layerwiseGroups", () => {
  it("slows the lower layers down", () => {
    expect(layerwiseGroups(["embeddings", "encoder.layer.0", "head"], 0.1, 0.5)).toEqual([
      { match: "embeddings.**", learningRate: 0.025 },
      { match: "encoder.layer.0.**", learningRate: 0.05 },
      { match: "head.**", learningRate: 0.1 },
    ]);
  });
});
