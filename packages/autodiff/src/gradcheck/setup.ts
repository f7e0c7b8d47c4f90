import type { Tensor } from "@engraft/onnx";
import type { Problem } from "./problem.js";
import type { Program, Result } from "./runtime.js";

/** A case ready to be checked: its values, outputs, and the weights of their elements in the loss. */
export interface Setup {
  readonly problem: Problem;
  readonly forward: Program;
  readonly outputs: ReadonlyMap<string, Result>;
  readonly seeds: ReadonlyMap<string, Tensor>;
}
