/**
 * What a server that renders pages gets: the same names, none of which does anything before it is
 * called. The package `engraft` is the one for Node.
 *
 * @module @engraft/web
 */
import { UsageError } from "@engraft/core/errors";
import { type Api, createApi } from "./page/api.js";
import type { Model as PageModel } from "./page/models/model.js";

export * from "./page/exports.js";

const api: Api = createApi(() => {
  throw new UsageError(
    "@engraft/web works in a browser, and this is a server. Call it from code that runs in the page " +
      "alone, or use the package engraft here.",
  );
});

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
