import { describe, expect, test } from "vitest";
import {
  type ConvolutionSizes,
  inputGradientForm,
  isMatrixPerChannel,
  weightGradientForm,
} from "./conv-cost.js";

interface Shape {
  readonly outputs: number;
  readonly inputs: number;
  readonly kernel: number;
  readonly map: number | undefined;
  readonly stride?: number;
  readonly group?: number;
  readonly batch?: number;
}

/** "Same" padding over a square map. */
function sizesOf({ outputs, inputs, kernel, map, stride = 1, group = 1, batch = 16 }: Shape) {
  const pads = [Math.floor(kernel / 2), Math.floor(kernel / 2)];
  const sizes: ConvolutionSizes = {
    weights: [outputs, inputs, kernel, kernel],
    window: {
      kernel: [kernel, kernel],
      strides: [stride, stride],
      dilations: [1, 1],
      begins: pads,
      ends: pads,
    },
    group,
    batch: batch < 0 ? undefined : batch,
    data: map === undefined ? undefined : [map * stride, map * stride],
    map: map === undefined ? undefined : [map, map],
  };
  return sizes;
}

describe("the forms that were fastest for layers of EfficientNet-Lite0 and ResNet-18", () => {
  test.for<[string, Shape, string, string]>([
    ["1x1 @112", { outputs: 96, inputs: 16, kernel: 1, map: 112 }, "turned", "product"],
    ["1x1 @28", { outputs: 40, inputs: 240, kernel: 1, map: 28 }, "turned", "product"],
    ["1x1 @7", { outputs: 1152, inputs: 192, kernel: 1, map: 7 }, "turned", "joined"],
    ["3x3 @56", { outputs: 64, inputs: 64, kernel: 3, map: 56 }, "turned", "product"],
    ["3x3 @28", { outputs: 128, inputs: 128, kernel: 3, map: 28 }, "turned", "product"],
    ["3x3 @14", { outputs: 256, inputs: 256, kernel: 3, map: 14 }, "unfolded", "joined"],
    ["3x3 @7", { outputs: 512, inputs: 512, kernel: 3, map: 7 }, "unfolded", "joined"],
    [
      "stem 3x3",
      { outputs: 32, inputs: 3, kernel: 3, map: 112, stride: 2 },
      "transposed",
      "product",
    ],
    [
      "stem 7x7",
      { outputs: 64, inputs: 3, kernel: 7, map: 112, stride: 2 },
      "transposed",
      "swapped",
    ],
    [
      "depthwise 3x3 @56",
      { outputs: 144, inputs: 1, kernel: 3, map: 56, group: 144 },
      "turned",
      "product",
    ],
    [
      "depthwise 5x5 @28",
      { outputs: 240, inputs: 1, kernel: 5, map: 28, group: 240 },
      "turned",
      "banded",
    ],
    [
      "depthwise 5x5 @28 of stride 2",
      { outputs: 144, inputs: 1, kernel: 5, map: 28, stride: 2, group: 144 },
      "transposed",
      "byImage",
    ],
    [
      "depthwise 5x5 @28 of stride 2, named batch",
      { outputs: 144, inputs: 1, kernel: 5, map: 28, stride: 2, group: 144, batch: -1 },
      "transposed",
      "swapped",
    ],
    [
      "depthwise 3x3 @28 of stride 2",
      { outputs: 144, inputs: 1, kernel: 3, map: 28, stride: 2, group: 144 },
      "transposed",
      "product",
    ],
    [
      "depthwise 3x3 @14 of stride 2",
      { outputs: 240, inputs: 1, kernel: 3, map: 14, stride: 2, group: 240 },
      "transposed",
      "banded",
    ],
    ["3x3, named map", { outputs: 64, inputs: 64, kernel: 3, map: undefined }, "turned", "product"],
  ])("%s", ([, shape, input, weight]) => {
    expect(inputGradientForm(sizesOf(shape))).toBe(input);
    expect(weightGradientForm(sizesOf(shape))).toBe(weight);
  });
});

describe("whether a matrix for each channel was fastest", () => {
  const depthwise = (kernel: number, map: number, stride = 1) =>
    sizesOf({ outputs: 96, inputs: 1, group: 96, kernel, map, stride });

  test.for<[string, ConvolutionSizes, boolean]>([
    ["depthwise 5x5 @7", depthwise(5, 7), true],
    ["depthwise 3x3 @7", depthwise(3, 7), true],
    ["depthwise 3x3 @8", depthwise(3, 8), true],
    ["depthwise 5x5 @7 of stride 2", depthwise(5, 7, 2), true],
    ["depthwise 3x3 @10", depthwise(3, 10), false],
    ["depthwise 5x5 @14", depthwise(5, 14), false],
    ["depthwise 5x5 @7, named batch", { ...depthwise(5, 7), batch: undefined }, true],
    ["depthwise 5x5 @7, one image", { ...depthwise(5, 7), batch: 1 }, false],
    ["3x3 @7", sizesOf({ outputs: 96, inputs: 96, kernel: 3, map: 7 }), false],
  ])("%s", ([, sizes, isFastest]) => {
    expect(isMatrixPerChannel(sizes)).toBe(isFastest);
  });
});
