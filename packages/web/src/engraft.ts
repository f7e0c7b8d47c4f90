import { Engraft } from "@engraft/tasks/predict";
import { servedOrt } from "./host/runtime/served-ort.js";
import { createWebHost, type WebHostOptions } from "./host/web-host.js";

/** What an instance is made with; every part has a default. */
export type EngraftOptions = WebHostOptions;

/**
 * Makes an instance of Engraft that works on the calling thread, which belongs to a worker. Nothing is
 * loaded before it is needed.
 */
export function createEngraft(options: EngraftOptions = {}): Engraft {
  return new Engraft(createWebHost(options, servedOrt(options.ort)));
}
