import { type GradientTable, missingGradients } from "../../rule.js";

/** Operators that choose or repeat what runs. */
export const controlGradients: GradientTable = {
  ...missingGradients(
    ["If"],
    "its condition is not constant, so which branch runs is only known at run time",
  ),
  ...missingGradients(["Loop", "Scan"], "loops are not differentiated; unroll it when exporting"),
  ...missingGradients(
    ["LSTM", "GRU", "RNN"],
    "recurrent layers are unrolled when the length of the sequence is a number, and here it is not",
  ),
  ...missingGradients(
    [
      ...["SequenceConstruct", "SequenceEmpty", "SequenceInsert", "SequenceErase", "SequenceAt"],
      ...["SequenceLength", "SequenceMap", "SplitToSequence", "ConcatFromSequence"],
      ...["Optional", "OptionalGetElement", "OptionalHasElement"],
    ],
    "sequences of tensors are not differentiated",
  ),
};
