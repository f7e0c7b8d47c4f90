import { Model } from "@engraft/core";
import { decodeModel, EngraftError } from "@engraft/onnx";
import { smallModels } from "./small-models.mjs";

/** ONNX files as models of layers: their tree, their weights, what can be read of them. */
export const target = {
  seeds: () => smallModels(),
  run: (bytes) => {
    const model = Model.fromOnnx(decodeModel(bytes));
    String(model.summary());
    model.weights.map(({ name, shape }) => `${name} ${shape.join()}`);
  },
  isExpected: (error) => error instanceof EngraftError,
};
