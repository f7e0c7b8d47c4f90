import type { FirstSuggestions, NextBatch } from "@engraft/tasks/predict";
import { describe, expect, it } from "vitest";
import { howChosen, whatNext } from "../src/cli/commands/labels/suggestions.js";

const forecast = {
  accuracy: 0.947,
  interval: [0.936, 0.9581],
  gain: 0.006,
  gainInterval: [0.002, 0.011],
  learners: ["last"],
} as const;

const mixUp = {
  source: "mails.csv:8",
  text: "you won the lottery,\nclick here",
  given: "ham",
  suggested: "spam",
  probabilityOfGiven: 0.1,
  probabilityOfSuggested: 0.9,
  neighboursDisagreeing: 0.9,
};

const next: NextBatch = {
  labels: 60,
  forecast,
  unknown: undefined,
  mixUps: [],
  atStake: 0,
  step: "label",
};

describe("what to do next", () => {
  it("is the forecast, with intervals", () => {
    expect(whatNext(next, "mails.engraft")).toEqual([
      "With 60 more labels: accuracy 0.947 (0.936 to 0.958 in 80 of 100 cases), 0.6 points more " +
        "(0.2 to 1.1), if they are drawn at random.",
    ]);
    expect(whatNext({ ...next, step: "stop" }, "x").at(-1)).toBe(
      "More labels of this kind will hardly help.",
    );
  });

  it("is to settle labels that look mixed up, where these bring more", () => {
    const settle = { ...next, mixUps: [mixUp, mixUp], atStake: 0.0123, step: "settle" } as const;
    expect(whatNext(settle, "my mails.engraft").slice(1)).toEqual([
      "2 labels of its examples look mixed up. Settled, they can bring up to 1.2 points:",
      "  mails.csv:8  ham, probably spam: you won the lottery, click here",
      "  mails.csv:8  ham, probably spam: you won the lottery, click here",
      "Settle these 2 labels rather than label 60 more:",
      "  engraft relabel <data> --from 'my mails.engraft'",
    ]);
    const many = { ...settle, mixUps: Array(12).fill(mixUp), step: "label" } as const;
    expect(whatNext(many, "x").slice(-2)).toEqual([
      "  and 2 more",
      "  engraft relabel <data> --from x",
    ]);
  });

  it("cannot be known where nothing is known", () => {
    const unknown = { ...next, forecast: undefined, unknown: "There are too few examples." };
    expect(whatNext({ ...unknown, step: "unknown" }, "x")).toEqual([
      "What 60 more labels will bring cannot be known. There are too few examples.",
    ]);
  });
});

describe("how the first were chosen", () => {
  const found: FirstSuggestions = {
    suggested: [1, 2].map((cluster) => ({
      source: `row ${cluster}`,
      input: { kind: "text", text: "x" },
      cluster,
      standsFor: 3,
    })),
    modality: "text",
    base: "minilm-l6",
    inputs: 9,
    labelled: [],
    copies: 0,
    skipped: [],
  };

  it("is said, with what was passed over", () => {
    expect(howChosen(found, 2)).toEqual([
      "2 typical texts, one of each of 2 clusters, the largest first: 9 texts read, clustered by the last layer of minilm-l6.",
    ]);
    const labelled = Array.from({ length: 12 }, (_, i) => ({ label: `l${i}`, examples: 2 }));
    const lines = howChosen({ ...found, labelled, copies: 4 }, 5);
    expect(lines.slice(1)).toEqual([
      `Have a label already, and cover their clusters: 24 (${[...Array(10).keys()].map((i) => `l${i} 2`).join(", ")}, 2 labels more).`,
      "Copies of others, or nearly so, passed over: 4.",
      "Asked for were 5; no more without a label differ from one another.",
    ]);
    const one = { ...found, suggested: found.suggested.map((first) => ({ ...first, cluster: 1 })) };
    expect(howChosen(one, 2)[0]).toMatch(/^2 typical texts, of 1 cluster, the largest first/);
  });
});
