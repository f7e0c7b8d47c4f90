import type { AttributeInput } from "@engraft/onnx";
import { type GradientCase, real } from "../../case.js";

type Attributes = Readonly<Record<string, AttributeInput>>;

function convolution(
  operator: string,
  name: string,
  [data, weights, bias]: readonly (readonly number[])[],
  attributes: Attributes = {},
): GradientCase {
  const inputs = [data!, weights!, ...(bias === undefined ? [] : [bias])].map(real);
  const { group = 1 } = attributes;
  return {
    operator,
    name,
    attributes: { kernel_shape: weights!.slice(2), ...attributes },
    inputs,
    // With a bias the node is linear in data and weights no more.
    linear: bias === undefined ? [0, 1] : [],
    dynamic: group === 1 ? "all" : "none",
  };
}

const conv = (name: string, shapes: readonly (readonly number[])[], attributes?: Attributes) =>
  convolution("Conv", name, shapes, attributes);
const transposed = (
  name: string,
  shapes: readonly (readonly number[])[],
  attributes?: Attributes,
) => convolution("ConvTranspose", name, shapes, attributes);

export const convolutionCases: readonly GradientCase[] = [
  conv("1x1", [[2, 3, 4, 5], [4, 3, 1, 1], [4]]),
  conv(
    "1x1, stride 2",
    [
      [2, 3, 5, 6],
      [4, 3, 1, 1],
    ],
    { strides: [2, 2] },
  ),
  conv(
    "1x1, padded",
    [
      [1, 2, 3, 3],
      [2, 2, 1, 1],
    ],
    { pads: [1, 1, 1, 1] },
  ),
  conv("3x3, same size", [[2, 3, 5, 4], [4, 3, 3, 3], [4]], { pads: [1, 1, 1, 1] }),
  conv(
    "3x3, many channels",
    [
      [2, 16, 5, 4],
      [4, 16, 3, 3],
    ],
    { pads: [1, 1, 1, 1] },
  ),
  conv(
    "3x3, many channels on a large map",
    [
      [1, 16, 22, 4],
      [2, 16, 3, 3],
    ],
    { pads: [1, 1, 1, 1] },
  ),
  conv(
    "3x3, uneven padding",
    [
      [1, 2, 5, 6],
      [3, 2, 3, 3],
    ],
    { pads: [0, 1, 2, 0] },
  ),
  conv(
    "3x3, stride 2",
    [
      [2, 3, 7, 7],
      [4, 3, 3, 3],
    ],
    { strides: [2, 2], pads: [1, 1, 1, 1] },
  ),
  conv(
    "3x3, stride 2, with a rest",
    [
      [2, 16, 8, 7],
      [4, 16, 3, 3],
    ],
    {
      strides: [2, 2],
      pads: [1, 1, 1, 1],
    },
  ),
  conv(
    "stride 3, uneven padding",
    [
      [1, 2, 11, 10],
      [3, 2, 3, 2],
    ],
    {
      strides: [3, 3],
      pads: [0, 1, 1, 0],
    },
  ),
  conv(
    "dilated",
    [
      [1, 2, 9, 8],
      [3, 2, 3, 2],
    ],
    { dilations: [2, 3], pads: [2, 1, 2, 1] },
  ),
  conv(
    "strided and dilated",
    [
      [1, 16, 11, 12],
      [3, 16, 3, 2],
    ],
    {
      dilations: [2, 3],
      strides: [3, 2],
      pads: [2, 1, 1, 0],
    },
  ),
  conv(
    "padding beyond the kernel",
    [
      [1, 2, 4, 4],
      [2, 2, 2, 2],
    ],
    { pads: [2, 2, 2, 2] },
  ),
  conv("patches", [[2, 3, 8, 8], [6, 3, 4, 4], [6]], { strides: [4, 4] }),
  conv("2 groups", [[2, 4, 5, 5], [6, 2, 3, 3], [6]], { group: 2, pads: [1, 1, 1, 1] }),
  conv(
    "2 groups, stride 2",
    [
      [2, 4, 6, 5],
      [6, 2, 3, 3],
    ],
    {
      group: 2,
      strides: [2, 2],
      pads: [1, 1, 0, 1],
    },
  ),
  conv("depthwise", [[2, 4, 5, 5], [4, 1, 3, 3], [4]], { group: 4, pads: [1, 1, 1, 1] }),
  conv(
    "depthwise, 5x5, stride 2",
    [
      [2, 4, 8, 7],
      [4, 1, 5, 5],
    ],
    {
      group: 4,
      strides: [2, 2],
      pads: [2, 2, 2, 2],
    },
  ),
  conv("a matrix for each channel", [[4, 3, 4, 3], [3, 1, 3, 2], [3]], {
    group: 3,
    pads: [1, 0, 1, 1],
  }),
  conv(
    "a matrix for each channel, stride 2, dilated, padded on one side",
    [
      [4, 2, 7, 6],
      [2, 1, 3, 3],
    ],
    { group: 2, strides: [2, 1], dilations: [1, 2], pads: [0, 3, 2, 0] },
  ),
  conv(
    "depthwise with two outputs a channel",
    [
      [2, 3, 5, 5],
      [6, 1, 3, 3],
    ],
    { group: 3 },
  ),
  conv(
    "depthwise on a large map",
    [
      [1, 2, 29, 28],
      [2, 1, 3, 3],
    ],
    { group: 2, pads: [1, 1, 1, 1] },
  ),
  conv(
    "a long kernel, grouped",
    [
      [2, 4, 45],
      [4, 2, 40],
    ],
    { group: 2, pads: [3, 2] },
  ),
  conv(
    "a long kernel, strided",
    [
      [2, 2, 50],
      [3, 2, 40],
    ],
    { strides: [3] },
  ),
  conv("sequences", [[2, 3, 9], [4, 3, 3], [4]], { pads: [1, 1] }),
  conv(
    "sequences, stride 2, grouped",
    [
      [2, 4, 9],
      [4, 2, 4],
    ],
    { group: 2, strides: [2] },
  ),
  conv(
    "volumes",
    [
      [1, 2, 4, 3, 4],
      [3, 2, 2, 2, 2],
    ],
    { strides: [1, 1, 2] },
  ),

  transposed("2x2, stride 2", [[2, 3, 3, 4], [3, 4, 2, 2], [4]], { strides: [2, 2] }),
  transposed(
    "3x3, cropped",
    [
      [2, 3, 4, 4],
      [3, 2, 3, 3],
    ],
    { strides: [2, 2], pads: [1, 1, 1, 1] },
  ),
  transposed(
    "extra output",
    [
      [1, 2, 4, 4],
      [2, 3, 3, 3],
    ],
    {
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      output_padding: [1, 1],
    },
  ),
  transposed(
    "many channels",
    [
      [1, 16, 3, 3],
      [16, 16, 3, 3],
    ],
    { strides: [2, 2] },
  ),
  transposed(
    "2 groups, dilated",
    [
      [1, 4, 4, 4],
      [4, 3, 2, 2],
    ],
    { group: 2, dilations: [2, 2] },
  ),
  transposed("sequences", [[2, 3, 5], [3, 2, 4], [2]], { strides: [3] }),
];
