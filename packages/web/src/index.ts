/**
 * Engraft in a page: it trains, measures and predicts on the machine of the user, in a worker.
 *
 * @module @engraft/web
 */
import { type Api, createApi } from "./page/api.js";
import type { Model as PageModel } from "./page/models/model.js";
import { startWorker } from "./page/start-worker.js";

export * from "./page/exports.js";

const api: Api = createApi(startWorker);

export const createEngraft: Api["createEngraft"] = api.createEngraft;
export const train: Api["train"] = api.train;
/** A model whose layers can be taken, frozen, put together and trained. */
export type Model = PageModel;
export const Model: Api["Model"] = api.Model;
export const loadModel: Api["loadModel"] = api.loadModel;
export const loadTask: Api["loadTask"] = api.loadTask;
export const readDataset: Api["readDataset"] = api.readDataset;
export const inspect: Api["inspect"] = api.inspect;
export const applyCorrections: Api["applyCorrections"] = api.applyCorrections;
export const suggest: Api["suggest"] = api.suggest;
export const selectBase: Api["selectBase"] = api.selectBase;
