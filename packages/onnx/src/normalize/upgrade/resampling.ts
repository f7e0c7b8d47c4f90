import { floatAttribute, floatsAttribute, stringAttribute } from "../../ir/attributes.js";
import { floats } from "../../ir/build.js";
import { numbersOf, tensorOf } from "../../ir/tensor/tensor-data.js";
import type { Converter } from "../rewrite.js";
import { cannotUpgrade, type UpgradeSteps } from "./steps.js";

/** Until operator set 7 the two scales were attributes of their own. */
const scalesToList: Converter = (rewriter) => {
  const [height, width] = ["height_scale", "width_scale"].map((name) =>
    floatAttribute(rewriter.node, name, 1),
  );
  rewriter.keep({
    attributes: {
      scales: floats([1, 1, height!, width!]),
      height_scale: undefined,
      width_scale: undefined,
    },
  });
};

const scalesToInput: Converter = (rewriter) => {
  const scales = floatsAttribute(rewriter.node, "scales", []);
  const input = rewriter.tensor(tensorOf("float32", [scales.length], scales));
  rewriter.keep({ inputs: [rewriter.input(0), input], attributes: { scales: undefined } });
};

const upsampleToResize: Converter = (rewriter) => rewriter.keep({ opType: "Resize" });

/**
 * Resize of operator set 10 mapped output to input coordinates by the scale alone, and took the nearest
 * element below when enlarging and above when shrinking.
 */
const coordinateModes: Converter = (rewriter) => {
  const scales = rewriter.constant(rewriter.input(1));
  const shrinks = scales !== undefined && numbersOf(scales).some((scale) => scale < 1);
  const enlarges = scales !== undefined && numbersOf(scales).some((scale) => scale > 1);
  const isNearest = stringAttribute(rewriter.node, "mode", "nearest") === "nearest";
  if (isNearest && shrinks && enlarges) {
    throw cannotUpgrade(rewriter, "it enlarges one axis and shrinks another");
  }
  rewriter.keep({
    inputs: [rewriter.input(0), "", rewriter.input(1)],
    attributes: {
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: shrinks ? "ceil" : "floor",
    },
  });
};

/** Scales of no elements stood for "left out", and one coordinate mode went. */
const optionalScales: Converter = (rewriter) => {
  const { node } = rewriter;
  const mode = stringAttribute(node, "coordinate_transformation_mode", "half_pixel");
  if (mode === "tf_half_pixel_for_nn") {
    throw cannotUpgrade(rewriter, `its coordinate mode ${mode} is gone`);
  }
  const inputs = node.inputs.map((name, index) =>
    index > 0 && rewriter.constant(name)?.data.length === 0 ? "" : name,
  );
  const usesRegion = mode === "tf_crop_and_resize";
  const withoutRegion = inputs.map((name, index) => (index === 1 ? "" : name));
  rewriter.keep({ inputs: usesRegion ? inputs : withoutRegion });
};

export const resamplingSteps: UpgradeSteps = {
  Upsample: { 7: scalesToList, 9: scalesToInput, 10: upsampleToResize },
  Resize: { 11: coordinateModes, 13: optionalScales },
};
