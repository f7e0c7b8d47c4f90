import type { AttributeInput } from "@engraft/onnx";
import { constant, type GradientCase, given, ints, real } from "../../case.js";

const coordinates = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
];

function resize(
  attributes: Readonly<Record<string, AttributeInput>>,
  dims: readonly number[],
  target: { readonly scales: readonly number[] } | { readonly sizes: readonly number[] },
): GradientCase {
  const kind = Object.values(attributes).filter((value) => typeof value === "string");
  const factors =
    "scales" in target ? [constant(given(target.scales))] : [null, ints(target.sizes)];
  return {
    operator: "Resize",
    name: `${kind.join(", ")}: [${dims.join()}] ${JSON.stringify(target)}${attributes.antialias ? ", antialias" : ""}`,
    attributes,
    inputs: [real(dims), null, ...factors],
    linear: [0],
  };
}

/** Points inside and outside of the image, none of them near a row of pixels. */
const grid = given(
  [1.1, -0.08, 0.66, 1.14, -0.32, 0.9, -1.09, -0.85, 0.64, -0.87, 1.14, 1.44],
  [1, 2, 3, 2],
);

const gridSamples: readonly GradientCase[] = ["zeros", "border", "reflection"].flatMap(
  (padding_mode) =>
    [0, 1].map((align_corners) => ({
      operator: "GridSample",
      name: `${padding_mode}, align_corners ${align_corners}`,
      attributes: { padding_mode, align_corners },
      inputs: [real([1, 2, 4, 5]), grid],
    })),
);

export const resizeCases: readonly GradientCase[] = [
  ...gridSamples,
  ...coordinates.flatMap((coordinate_transformation_mode) => [
    resize({ mode: "linear", coordinate_transformation_mode }, [2, 2, 3, 4], {
      scales: [1, 1, 2, 1.5],
    }),
    resize({ mode: "cubic", coordinate_transformation_mode }, [1, 2, 5, 4], {
      sizes: [1, 2, 3, 7],
    }),
  ]),
  ...["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"].map((nearest_mode) =>
    resize({ mode: "nearest", nearest_mode }, [2, 2, 3, 4], { scales: [1, 1, 2, 2.5] }),
  ),
  resize(
    { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" },
    [2, 3],
    {
      scales: [2, 2],
    },
  ),
  resize({ mode: "linear" }, [2, 3, 4], { scales: [1, 2, 2] }),
  resize({ mode: "linear", antialias: 1 }, [1, 2, 7, 6], { scales: [1, 1, 0.5, 0.4] }),
  resize({ mode: "cubic", antialias: 1, cubic_coeff_a: -0.5 }, [1, 2, 8, 6], {
    sizes: [1, 2, 3, 4],
  }),
  resize({ mode: "cubic", exclude_outside: 1 }, [1, 1, 4, 4], { scales: [1, 1, 2, 2] }),
  {
    ...resize({ mode: "linear", axes: [2, 3] }, [2, 2, 3, 4], { sizes: [5, 6] }),
    name: "chosen axes",
  },
  {
    operator: "Resize",
    name: "a region, partly outside",
    attributes: {
      mode: "linear",
      coordinate_transformation_mode: "tf_crop_and_resize",
      extrapolation_value: 1.5,
    },
    inputs: [
      real([1, 2, 4, 4]),
      constant(given([0, 0, 0.2, -0.3, 1, 1, 0.9, 1.2])),
      null,
      ints([1, 2, 3, 5]),
    ],
  },
];
