import { allNames, createNameGenerator, decodeModel, renameValues } from "@engraft/onnx";
import { type SessionModel, sessionModel } from "./session-model.js";

/** The one name that a value of an ONNX Runtime session in JavaScript cannot have. */
export const PROTO = "__proto__";

/**
 * The same model with another name for the value `__proto__`: the JavaScript interface of ONNX Runtime
 * collects outputs by assigning to a plain object, where this name means its prototype.
 *
 * @returns The model, and what the value is called in it.
 */
export function renameProto(given: SessionModel): {
  readonly renamed: SessionModel;
  readonly name: string;
} {
  const model = decodeModel(given.bytes, {
    externalData: (location) => given.shared.get(location)!,
  });
  const name = createNameGenerator(allNames(model.graph))("proto");
  const graph = renameValues(model.graph, new Map([[PROTO, name]]));
  return { renamed: sessionModel({ ...model, graph }), name };
}
