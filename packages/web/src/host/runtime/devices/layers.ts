import type { BaseReference, SessionModel } from "@engraft/core";
import { sha256 } from "../../sha256.js";

/** Layers of a base that are one model: those below a cut, or those that tuning has changed. */
export interface BaseLayers {
  readonly base: BaseReference;
  /** Digest of the model: equal ones give equal results on a device. */
  readonly digest: string;
}

/** Names the layers of a base that a session runs. */
export async function layersOf(base: BaseReference, model: SessionModel): Promise<BaseLayers> {
  const parts = [await sha256(model.bytes)];
  for (const [path, weights] of model.shared) parts.push(path, await sha256(weights));
  return { base, digest: await sha256(JSON.stringify(parts)) };
}
