/**
 * Engraft in a page: it trains, measures and predicts on the machine of the user, in a worker.
 *
 * @module @engraft/web
 */
import { type EventPort, eventPort } from "@engraft/core/workers/rpc";
import { type Api, createApi } from "./page/api.js";

export * from "./page/exports.js";

const api: Api = createApi((code) => {
  // Bundlers find the worker by this very form.
  const worker =
    code === undefined
      ? new Worker(new URL("./engine-worker.js", import.meta.url), { type: "module" })
      : new Worker(code, { type: "module" });
  return eventPort(worker as unknown as EventPort);
});

export const createEngraft: Api["createEngraft"] = api.createEngraft;
export const train: Api["train"] = api.train;
export const loadTask: Api["loadTask"] = api.loadTask;
export const suggest: Api["suggest"] = api.suggest;
export const selectBase: Api["selectBase"] = api.selectBase;
