import { castBeforeGather, decodeModel } from "@engraft/onnx/graph";
import { type SessionModel, sessionModel } from "./session-model.js";

/**
 * The same model for devices that have no numbers of 16 bits: rows of stored weights are widened before
 * they are picked. It computes the same, to the last bit.
 */
export function widenRows({ bytes, shared }: SessionModel): SessionModel {
  const model = decodeModel(bytes, { externalData: (location) => shared.get(location)! });
  return sessionModel(castBeforeGather(model));
}
