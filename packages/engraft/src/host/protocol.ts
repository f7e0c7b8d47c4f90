import type {
  Feeds,
  ImageChanges,
  ImagePreprocessing,
  PreparedImage,
  SessionModel,
  SessionOptions,
} from "@engraft/core";
import type { Tensor } from "@engraft/onnx";
import type { SentError } from "./sent-error.js";

/** What a compute thread is told when it starts. */
export interface ThreadNeeds {
  /** Whether it will decode images, and should load what that takes at once. */
  readonly decoder: boolean;
}

/** What the main thread asks of a compute thread. Every request gets exactly one reply. */
export type Request =
  | {
      readonly kind: "create";
      readonly session: number;
      readonly model: SessionModel;
      readonly options: SessionOptions;
    }
  | {
      readonly kind: "run";
      readonly session: number;
      readonly feeds: Feeds;
    }
  | { readonly kind: "release"; readonly session: number }
  | {
      readonly kind: "image";
      readonly file: Uint8Array;
      readonly spec: ImagePreprocessing;
      readonly changes: ImageChanges | undefined;
    };

/** The result of each kind of request. */
export interface Results {
  create: {
    readonly inputNames: readonly string[];
    readonly outputNames: readonly string[];
    /** The bytes that were sent, handed back. */
    readonly model: SessionModel;
  };
  run: Map<string, Tensor>;
  release: undefined;
  image: PreparedImage;
}

export interface Envelope {
  readonly id: number;
  readonly request: Request;
}

export type Reply =
  | { readonly id: number; readonly result: Results[keyof Results] }
  | { readonly id: number; readonly error: SentError };
