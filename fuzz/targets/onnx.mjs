import { decodeModel, encodeModel, inferTypes, normalize, verify } from "@engraft/onnx";
import { EngraftError } from "@engraft/onnx/errors";
import { smallModels } from "./small-models.mjs";

/** ONNX files: decoded, verified, types inferred, normalised, and written again. */
export const target = {
  seeds: () => smallModels(),
  run: (bytes) => {
    const model = decodeModel(bytes);
    verify(model);
    inferTypes(model);
    decodeModel(encodeModel(normalize(model)));
  },
  isExpected: (error) => error instanceof EngraftError,
};
