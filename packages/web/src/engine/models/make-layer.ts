import { layers, type NewLayer } from "@engraft/core";
import type { SentLayer } from "../../protocol/models.js";

type Make = (...settings: never[]) => NewLayer;

/** The functions that make layers, by their names. */
const MAKERS: ReadonlyMap<string, Make> = new Map<string, Make>(Object.entries(layers));

/** Makes a layer that was sent. Those of `sequential` are in its first setting. */
export function makeLayer({ kind, settings }: SentLayer): NewLayer {
  const make = MAKERS.get(kind);
  if (make === undefined) throw new Error(`internal: there is no layer ${kind}`);
  if (make !== layers.sequential) return make(...(settings as never[]));
  const [inner, options] = settings as Parameters<typeof layers.sequential>;
  return layers.sequential((inner as readonly unknown[] as SentLayer[]).map(makeLayer), options);
}
