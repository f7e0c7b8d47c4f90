import type { Model, Truncation } from "@engraft/core";
import { truncationWarning } from "../format/manifest/warnings.js";

/** That texts are longer than a model reads; undefined where none is. */
export function modelTruncationWarning(
  { preparation }: Model,
  truncation: Truncation | undefined,
): string | undefined {
  return preparation && truncationWarning(truncation, preparation, raiseOfModel);
}

function raiseOfModel(): string {
  return "of an ONNX file, raise maxTokens in the file that `preprocess` names";
}
