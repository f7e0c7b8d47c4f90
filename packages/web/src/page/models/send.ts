import type { NamedTensors } from "@engraft/core";
import type { SentExamples, SentModelInputs } from "../../protocol/models.js";
import type { EngineConnection } from "../engine.js";
import { sendInputs, type WebImage } from "../inputs.js";
import { sendData, type WebDataSource } from "../sources.js";
import type { Model } from "./model.js";
import type { WebModelInputs } from "./options.js";

/** Labelled data or tensors, in the form in which they cross. */
export async function sendExamples<T extends object>(
  given: WebDataSource | T,
  engine: EngineConnection,
  made: ImageBitmap[],
): Promise<SentExamples<T>> {
  return isTensors<T>(given) ? { kind: "tensors", tensors: given } : sendData(given, engine, made);
}

/** Inputs of a model, in the form in which they cross. */
export async function sendModelInputs(
  given: WebModelInputs,
  model: Model,
  made: ImageBitmap[],
): Promise<SentModelInputs> {
  if (!isList(given)) return { kind: "tensors", tensors: given };
  const modality = model.preparation?.preprocessing.kind ?? "text";
  return { kind: "inputs", inputs: await sendInputs(given, modality, made) };
}

/** Tensors are given by the parts that they are for. */
function isTensors<T extends object>(given: WebDataSource | T): given is T {
  return typeof given === "object" && ("train" in given || "inputs" in given);
}

function isList(given: WebModelInputs): given is readonly WebImage[] {
  return Array.isArray(given as readonly WebImage[] | NamedTensors);
}
