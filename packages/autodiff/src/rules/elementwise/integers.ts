import { type GradientTable, zeroGradients } from "../../rule.js";

/** Operators whose outputs do not move with small changes of their inputs. */
export const integerGradients: GradientTable = {
  ...zeroGradients(
    ["Shape", "Size", "Constant", "ConstantOfShape", "EyeLike"],
    "a shape or a number in, not what the data is",
  ),
  ...zeroGradients(
    ["And", "Or", "Xor", "Not", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot", "BitShift"],
    "logic of booleans and bits",
  ),
  ...zeroGradients(
    ["Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "IsNaN", "IsInf"],
    "a comparison is constant but where it flips",
  ),
  ...zeroGradients(
    ["Floor", "Ceil", "Round", "Sign"],
    "a step function is constant but at its steps",
  ),
  ...zeroGradients(["ArgMax", "ArgMin", "NonZero"], "positions are whole numbers"),
  ...zeroGradients(
    [
      ...["RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"],
      ...["Bernoulli", "Multinomial"],
    ],
    "a random draw is not a function of its inputs",
  ),
};
