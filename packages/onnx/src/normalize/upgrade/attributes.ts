import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "../../ir/attributes.js";
import { tensorOf } from "../../ir/tensor/tensor-data.js";
import type { Converter } from "../rewrite.js";
import { cannotUpgrade, type UpgradeSteps } from "./steps.js";

/** Scalars and lists that became inputs, and attributes whose default or spelling changed. */

const clip: Converter = (rewriter) => {
  const bounds = ["min", "max"].map((name) => {
    const bound = floatAttribute(rewriter.node, name);
    return bound === undefined ? "" : rewriter.scalarLike(rewriter.input(0), bound);
  });
  const inputs = [rewriter.input(0), ...bounds];
  rewriter.keep({ inputs, attributes: { min: undefined, max: undefined } });
};

const pad: Converter = (rewriter) => {
  const pads = rewriter.ints(intsAttribute(rewriter.node, "pads", []));
  const value = floatAttribute(rewriter.node, "value", 0);
  const fill = value === 0 ? "" : rewriter.scalarLike(rewriter.input(0), value);
  const inputs = [rewriter.input(0), pads, fill];
  rewriter.keep({ inputs, attributes: { pads: undefined, value: undefined } });
};

const slice: Converter = (rewriter) => {
  const lists = ["starts", "ends", "axes"].map((name) => {
    const values = intsAttribute(rewriter.node, name);
    return values === undefined ? "" : rewriter.ints(values);
  });
  const inputs = [rewriter.input(0), ...lists];
  rewriter.keep({ inputs, attributes: { starts: undefined, ends: undefined, axes: undefined } });
};

const topK: Converter = (rewriter) => {
  const count = rewriter.ints([intAttribute(rewriter.node, "k", 1)]);
  rewriter.keep({ inputs: [rewriter.input(0), count], attributes: { k: undefined } });
};

/** Until operator set 12 a Dropout in a file did nothing; its mask had the type of the data at 7. */
const dropout: Converter = (rewriter) => {
  const ratio = rewriter.tensor(
    tensorOf("float32", [], [floatAttribute(rewriter.node, "ratio", 0.5)]),
  );
  rewriter.keep({ inputs: [rewriter.input(0), ratio], attributes: { ratio: undefined } });
};

const floatMask: Converter = (rewriter) => {
  if (rewriter.output(1) !== "") {
    throw cannotUpgrade(rewriter, "its mask changed from floats to booleans");
  }
};

const scatter: Converter = (rewriter) => rewriter.keep({ opType: "ScatterElements" });

const scan: Converter = (rewriter) => {
  throw cannotUpgrade(rewriter, "Scan of operator set 8 has a batch axis of its own");
};

/** Operator set 16 moved the sampling grid by half a pixel by default. */
const regionAlign: Converter = (rewriter) =>
  rewriter.keep({ attributes: { coordinate_transformation_mode: "output_half_pixel" } });

const gridModes = new Map([
  ["bilinear", "linear"],
  ["bicubic", "cubic"],
]);

const gridSample: Converter = (rewriter) => {
  const mode = gridModes.get(stringAttribute(rewriter.node, "mode", "bilinear"));
  if (mode !== undefined) rewriter.keep({ attributes: { mode } });
};

export const attributeSteps: UpgradeSteps = {
  Clip: { 11: clip },
  Pad: { 11: pad },
  Slice: { 10: slice },
  TopK: { 10: topK },
  Dropout: { 10: floatMask, 12: dropout },
  Scatter: { 11: scatter },
  Scan: { 9: scan },
  RoiAlign: { 16: regionAlign },
  GridSample: { 20: gridSample },
};
