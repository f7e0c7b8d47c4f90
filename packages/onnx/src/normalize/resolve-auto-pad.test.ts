import { describe, expect, test } from "vitest";
import { expectSameFunction, type ModelParts, modelOf, noise } from "../../test/same-function.js";
import { inferTypes } from "../infer/infer-types.js";
import { type AttributeInput, createNode } from "../ir/build.js";
import type { Model } from "../ir/graph.js";
import { resolveAutoPad } from "./resolve-auto-pad.js";

const resolve = (model: Model) => resolveAutoPad(inferTypes(model));

const x = noise([1, 2, 7, 8]);

function single(
  operator: string,
  attributes: Record<string, AttributeInput>,
  weight?: readonly number[],
): ModelParts {
  const names = weight === undefined ? ["x"] : ["x", "w"];
  const constants = weight === undefined ? {} : { w: noise(weight, 2) };
  return { nodes: [createNode(operator, names, ["y"], attributes)], feeds: { x }, constants };
}

const cases = ["SAME_UPPER", "SAME_LOWER", "VALID"].flatMap((auto_pad) =>
  [
    [1, 1],
    [2, 2],
    [3, 2],
  ].flatMap((strides): ModelParts[] => [
    single("Conv", { auto_pad, strides }, [3, 2, 3, 2]),
    single("MaxPool", { auto_pad, strides, kernel_shape: [3, 2] }),
    single("MaxPool", { auto_pad, strides, kernel_shape: [1, 2], ceil_mode: 1 }),
    single("AveragePool", { auto_pad, strides, kernel_shape: [3, 2] }),
    single("AveragePool", { auto_pad, strides, kernel_shape: [3, 2], count_include_pad: 1 }),
    single("ConvTranspose", { auto_pad, strides }, [2, 3, 3, 4]),
  ]),
);

const outputShapes = ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"].flatMap((auto_pad) =>
  [
    [14, 16],
    [13, 15],
    [16, 18],
  ].map((output_shape) =>
    single("ConvTranspose", { auto_pad, output_shape, strides: [2, 2] }, [2, 3, 3, 3]),
  ),
);

const named = [...cases, ...outputShapes].map((parts) => {
  const [node] = parts.nodes;
  const attributes = Array.from(
    node!.attributes,
    ([name, { value }]) => `${name} ${JSON.stringify(value)}`,
  );
  return [`${node!.opType}: ${attributes.join(", ")}`, parts] as const;
});

describe("resolveAutoPad", () => {
  test.for(named)("%s", async ([, parts]) => {
    const { graph } = await expectSameFunction(parts, resolve);
    const { attributes } = graph.nodes[0]!;
    expect(attributes.has("auto_pad") || attributes.has("output_shape")).toBe(false);
  });

  // ONNX Runtime refuses to choose the padding of a dilated window.
  test("counts the elements between those of a dilated window", () => {
    const attributes = { auto_pad: "SAME_UPPER", strides: [2, 2], dilations: [3, 1] };
    const { graph } = inferTypes(resolve(modelOf(single("Conv", attributes, [3, 2, 2, 3]))));
    expect(graph.nodes[0]!.attributes.get("pads")?.value).toEqual([1, 0, 2, 1]);
    expect(graph.outputs[0]!.type.shape).toEqual([1, 3, 4, 4]);
  });

  /** Two of three sizes of the input are only names. */
  const unknown = (parts: ModelParts) =>
    inferTypes(modelOf({ ...parts, shapes: { x: ["n", 2, "h", "w"] } }));

  test("needs no sizes where the stride is 1, nor for a transposed convolution", () => {
    const padsOf = (parts: ModelParts) =>
      resolveAutoPad(unknown(parts)).graph.nodes[0]!.attributes.get("pads")?.value;
    expect(padsOf(single("Conv", { auto_pad: "SAME_UPPER" }, [3, 2, 3, 2]))).toEqual([1, 0, 1, 1]);
    const strides = [2, 2];
    expect(
      padsOf(single("ConvTranspose", { auto_pad: "SAME_LOWER", strides }, [2, 3, 3, 4])),
    ).toEqual([1, 1, 0, 1]);
  });

  test.for([
    ["the padding depends on an unknown size", { auto_pad: "SAME_UPPER", strides: [2, 2] }],
    ["there is nothing to resolve", { pads: [1, 1, 1, 1] }],
  ] as const)("leaves a node where %s", ([, attributes]) => {
    const model = unknown(single("Conv", attributes, [3, 2, 3, 3]));
    expect(resolveAutoPad(model)).toBe(model);
  });
});
