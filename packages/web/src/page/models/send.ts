import type { NamedTensors } from "@engraft/core";
import type { SentExamples, SentModelInputs } from "../../protocol/models.js";
import type { EngineConnection } from "../engine.js";
import { type Outgoing, sendInput, type WebImage } from "../inputs.js";
import { sendData, type WebDataSource } from "../sources.js";
import type { Model } from "./model.js";
import type { WebModelInputs } from "./options.js";

/** Labelled data or tensors, in the form in which they cross. */
export async function sendExamples<T extends object>(
  given: WebDataSource | T,
  engine: EngineConnection,
): Promise<SentExamples<T>> {
  return isTensors<T>(given) ? { kind: "tensors", tensors: given } : sendData(given, engine);
}

/** Inputs of a model in the form in which they cross, for a call that is made with them. */
export async function withInputs<R>(
  given: WebModelInputs,
  model: Model,
  call: (inputs: SentModelInputs) => Promise<R>,
): Promise<R> {
  if (!isList(given)) return call({ kind: "tensors", tensors: given });
  const modality = model.preparation?.preprocessing.kind ?? "text";
  const outgoing: Outgoing[] = [];
  try {
    for (const input of given) outgoing.push(await sendInput(input, modality));
    return await call({ kind: "inputs", inputs: outgoing.map(({ sent }) => sent) });
  } finally {
    for (const { free } of outgoing) free?.();
  }
}

/** Tensors are given by the parts that they are for. */
function isTensors<T extends object>(given: WebDataSource | T): given is T {
  return typeof given === "object" && ("train" in given || "inputs" in given);
}

function isList(given: WebModelInputs): given is readonly WebImage[] {
  return Array.isArray(given as readonly WebImage[] | NamedTensors);
}
