import { describe, expect, it } from "vitest";
import {
  classes,
  config,
  floats,
  perceptron,
  sourceOf,
  testPlatform,
} from "../../../test/training-networks.js";
import { feedsOf } from "../../runtime/feeds.js";
import { tensorSource } from "../feed/example-source.js";
import { singleSamples } from "../feed/samples.js";
import { lossAndGradients } from "./value-and-grad.js";

const batch = {
  source: tensorSource(feedsOf({ x: floats(3, 4, 5) })),
  samples: singleSamples(classes(5, 4)),
};

describe("loss and gradients", () => {
  it("are by the trainable weights alone, and those of a model that is trained as a whole", async () => {
    const of = (prefixes: readonly string[]) =>
      lossAndGradients(sourceOf(perceptron(), prefixes), batch, config(), testPlatform());
    const whole = await of([""]);
    const part = await of(["two"]);
    expect([...part.gradients.keys()]).toEqual(["two.weight", "two.bias"]);
    expect(part.loss).toBeCloseTo(whole.loss, 6);
    for (const [name, gradient] of part.gradients) {
      gradient.forEach((value, i) => {
        expect(value).toBeCloseTo(whole.gradients.get(name)![i]!, 6);
      });
    }
  });

  it("are the slope of the loss", async () => {
    const model = perceptron();
    const bias = model.graph.initializers.get("one.bias")!.data as Float32Array;
    const at = (shift: number) => {
      const initializers = new Map(model.graph.initializers);
      const data = bias.map((value, i) => (i === 2 ? value + shift : value));
      initializers.set("one.bias", { dtype: "float32", dims: [6], data });
      const moved = { ...model, graph: { ...model.graph, initializers } };
      return lossAndGradients(sourceOf(moved, ["one"]), batch, config(), testPlatform());
    };
    const width = 0.01;
    const slope = ((await at(width)).loss - (await at(-width)).loss) / (2 * width);
    expect((await at(0)).gradients.get("one.bias")![2]!).toBeCloseTo(slope, 3);
  });
});
