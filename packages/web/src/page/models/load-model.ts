import type { EngineConnection } from "../engine.js";
import type { NewLayer } from "./layers.js";
import { Model, type PendingModel } from "./model.js";
import type { WebLoadModelOptions, WebModelSource } from "./options.js";
import { Pending } from "./pending.js";

/** Loads a model into a worker. */
export async function loadModel(
  source: WebModelSource,
  { bind, externalData, preprocess, signal, onProgress }: WebLoadModelOptions,
  engine: EngineConnection,
): Promise<Model> {
  const given = source instanceof URL ? source.href : source;
  const sent = { source: given, externalData, bind, preprocess };
  return new Model(await engine.call("loadModel", sent, { signal, onProgress }), engine);
}

/** Makes a model of new layers alone in a worker. */
export function sequential(
  inputShape: readonly number[],
  layers: readonly NewLayer[],
  { seed }: { readonly seed?: number },
  connect: () => EngineConnection,
): PendingModel {
  return new Pending(async (edits) => {
    const engine = connect();
    return new Model(await engine.call("sequential", { inputShape, layers, seed, edits }), engine);
  });
}
