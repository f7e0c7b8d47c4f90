import { isObject, type Protocol } from "@engraft/core/workers/rpc";
import type { Prediction, TaskManifest } from "@engraft/tasks";
import type { SentInput } from "../protocol/sources.js";

/** What a page asks its worker for. */
export interface PageMethods {
  /** Unpacks the content of the page and loads the task; the first call. */
  readonly open: {
    /** In base64, as it stands in the page. */
    readonly params: { readonly content: string };
    readonly result: { readonly name: string; readonly manifest: TaskManifest };
  };
  readonly predict: {
    readonly params: { readonly input: SentInput };
    readonly result: Prediction;
  };
}

/** Both sides stand in one file. */
export const PAGE: Protocol<PageMethods> = {
  open: {
    isParams: (value): value is PageMethods["open"]["params"] => isObject(value),
    isResult: (value): value is PageMethods["open"]["result"] => isObject(value),
  },
  predict: {
    isParams: (value): value is PageMethods["predict"]["params"] => isObject(value),
    isResult: (value): value is PageMethods["predict"]["result"] => isObject(value),
  },
};
