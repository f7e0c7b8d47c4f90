/**
 * Engraft in a page: it trains, measures and predicts on the machine of the user, in a worker.
 *
 * @module @engraft/web
 */
import { type Api, createApi } from "./page/api.js";
import { startWorker } from "./page/start-worker.js";

export * from "./page/exports.js";

const api: Api = createApi(startWorker);

export const createEngraft: Api["createEngraft"] = api.createEngraft;
export const train: Api["train"] = api.train;
export const loadTask: Api["loadTask"] = api.loadTask;
export const suggest: Api["suggest"] = api.suggest;
export const selectBase: Api["selectBase"] = api.selectBase;
