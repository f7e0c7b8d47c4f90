import type { BaseSpec } from "../bases/spec.js";
import type { Preprocessing } from "../preprocess/spec.js";

/** How raw inputs become the inputs of a model: as its base was trained. */
export interface InputPreparation {
  readonly inputs: BaseSpec["inputs"];
  readonly preprocessing: Preprocessing;
  /** Content of `tokenizer.json` for models of texts. */
  readonly tokenizer: unknown;
}
