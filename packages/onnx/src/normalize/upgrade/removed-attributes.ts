import { floatAttribute, intAttribute, stringAttribute } from "../../ir/attributes.js";
import { float } from "../../ir/build.js";
import { dataTypeCodes, dataTypeOfName } from "../../ir/tensor/data-type-codes.js";
import type { Converter } from "../rewrite.js";
import { cannotUpgrade, type UpgradeSteps } from "./steps.js";

/** Attributes that went, or changed their kind, in operator sets 6 and 7. */

/** The inputs that might be overwritten: a hint of the first operator sets. */
const noHints: Converter = (rewriter) =>
  rewriter.keep({ attributes: { consumed_inputs: undefined } });

/**
 * `is_test` said whether a node runs in training. Exporters that left it out meant inference, which
 * one output says as well.
 */
const testMode: Converter = (rewriter) => {
  if (intAttribute(rewriter.node, "is_test", 1) === 0) {
    throw cannotUpgrade(rewriter, "it is in training mode (is_test = 0)");
  }
  rewriter.keep({ attributes: { is_test: undefined } });
};

/** Which outputs are wanted follows from their names now. */
const namedOutputs: Converter = (rewriter) =>
  rewriter.keep({ attributes: { output_sequence: undefined } });

/** The constants had fewer digits. */
const shortConstants: Converter = (rewriter) =>
  rewriter.keep({
    attributes: {
      alpha: float(floatAttribute(rewriter.node, "alpha", 1.6732)),
      gamma: float(floatAttribute(rewriter.node, "gamma", 1.0507)),
      consumed_inputs: undefined,
    },
  });

const codeOfType: Converter = (rewriter) => {
  const name = stringAttribute(rewriter.node, "to", "");
  const dtype = dataTypeOfName(name);
  if (dtype === undefined) throw cannotUpgrade(rewriter, `there is no element type "${name}"`);
  rewriter.keep({ attributes: { to: dataTypeCodes[dtype] } });
};

const hinted = [
  ...["Abs", "Add", "BatchNormalization", "Ceil", "Clip", "Div", "Dropout", "Elu", "Exp", "Floor"],
  ...["HardSigmoid", "InstanceNormalization", "LeakyRelu", "Log", "Max", "Mean", "Min", "Mul"],
  ...["Neg", "PRelu", "Reciprocal", "Relu", "Sigmoid", "Sqrt", "Sub", "Sum", "Tanh"],
];

export const hintSteps: UpgradeSteps = Object.fromEntries(
  hinted.map((operator) => [operator, { 6: noHints }]),
);

export const removedAttributeSteps: UpgradeSteps = {
  BatchNormalization: { 7: testMode },
  Dropout: { 7: testMode },
  LSTM: { 7: namedOutputs },
  GRU: { 7: namedOutputs },
  RNN: { 7: namedOutputs },
  Selu: { 6: shortConstants },
  Cast: { 6: codeOfType },
};
