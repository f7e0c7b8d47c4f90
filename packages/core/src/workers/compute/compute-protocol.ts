import type { Tensor } from "@engraft/onnx";
import type { ImageChanges } from "../../augment/config.js";
import type { PreparedImage } from "../../platform.js";
import type { ImagePreprocessing } from "../../preprocess/spec.js";
import type { Feeds } from "../../runtime/feeds.js";
import type { SessionOptions } from "../../runtime/runtime.js";
import type { SessionModel } from "../../runtime/session-model.js";
import { isBytes, isCount, isFeeds, isFloats, isNothing, isSessionModel } from "../rpc/checks.js";
import { isObject } from "../rpc/is-object.js";
import type { Protocol } from "../rpc/protocol.js";

/** What a compute worker will be asked for, beside running models. */
export interface WorkerNeeds {
  /** Whether it will decode images. */
  readonly images: boolean;
}

/** What a compute worker is asked for. */
export interface ComputeMethods {
  /** Does what the first model would wait for, and begins to load what else will be needed. */
  readonly initialize: { readonly params: WorkerNeeds; readonly result: undefined };
  /** Loads a model under a number that the caller chooses. */
  readonly create: {
    readonly params: {
      readonly session: number;
      readonly model: SessionModel;
      readonly options: SessionOptions;
    };
    readonly result: LoadedSession;
  };
  /** Runs a model that is loaded, or still loading. */
  readonly run: {
    readonly params: { readonly session: number; readonly feeds: Feeds };
    readonly result: Map<string, Tensor>;
  };
  /** Frees a model. One that was never loaded is none. */
  readonly release: { readonly params: { readonly session: number }; readonly result: undefined };
  /** Decodes an image and prepares it for a base model. */
  readonly prepareImage: {
    readonly params: {
      readonly file: Uint8Array;
      readonly spec: ImagePreprocessing;
      readonly changes: ImageChanges | undefined;
    };
    readonly result: PreparedImage;
  };
  /** The SHA-256 of bytes that threads share, in lower-case hexadecimal. */
  readonly hash: { readonly params: { readonly data: Uint8Array }; readonly result: string };
}

export interface LoadedSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** The model that was sent, handed back. */
  readonly model: SessionModel;
}

type Params<K extends keyof ComputeMethods> = ComputeMethods[K]["params"];
type Result<K extends keyof ComputeMethods> = ComputeMethods[K]["result"];

/** The rules of {@link ComputeMethods}. Models, feeds and results move; the files of images are copied. */
export const COMPUTE: Protocol<ComputeMethods> = {
  initialize: {
    isParams: (value): value is Params<"initialize"> =>
      isObject(value) && typeof value.images === "boolean",
    isResult: isNothing,
  },
  create: {
    isParams: (value): value is Params<"create"> =>
      isOfSession(value) && isSessionModel(value.model) && isObject(value.options),
    isResult: (value): value is Result<"create"> =>
      isObject(value) &&
      isSessionModel(value.model) &&
      isNames(value.inputNames) &&
      isNames(value.outputNames),
    moveParams: ({ model }) => [model.bytes],
    moveResult: ({ model }) => [model.bytes],
  },
  run: {
    isParams: (value): value is Params<"run"> => isOfSession(value) && isFeeds(value.feeds),
    isResult: (value): value is Result<"run"> => isFeeds(value),
    moveParams: ({ feeds }) => dataOf(feeds),
    moveResult: dataOf,
  },
  release: { isParams: isOfSession, isResult: isNothing },
  prepareImage: {
    isParams: (value): value is Params<"prepareImage"> =>
      isObject(value) && isBytes(value.file) && isObject(value.spec),
    isResult: (value): value is Result<"prepareImage"> =>
      isObject(value) && isFloats(value.pixels) && isFloats(value.colorHistogram),
    moveResult: ({ pixels, colorHistogram }) => [pixels, colorHistogram],
  },
  hash: {
    isParams: (value): value is Params<"hash"> => isObject(value) && isBytes(value.data),
    isResult: (value) => typeof value === "string",
  },
};

function isOfSession(
  value: unknown,
): value is { readonly session: number } & Readonly<Record<string, unknown>> {
  return isObject(value) && isCount(value.session);
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

function dataOf(tensors: Feeds): unknown[] {
  return Array.from(tensors.values(), ({ data }) => data);
}
