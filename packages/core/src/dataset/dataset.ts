/**
 * What a user's labelled files become once they are read, and what the engine works on. Images stay
 * undecoded until they are needed, so that a data set of any size fits in memory.
 */

import type { PreparedImage } from "../platform.js";

/** The kinds of inputs. */
export const MODALITIES = ["text", "image"] as const;

/** The kind of input that a data set holds and a base reads. */
export type Modality = (typeof MODALITIES)[number];

/** A text. */
export interface TextInput {
  readonly kind: "text";
  readonly text: string;
}

/** An image that is read when it is needed. */
export interface ImageInput {
  readonly kind: "image";
  /**
   * SHA-256 of the file, where it is known: then the file is read only if its layers are not in the
   * feature cache.
   */
  readonly digest?: string | undefined;
  /** The encoded file (JPEG, PNG, WebP, ...). */
  read(): Promise<Uint8Array>;
  /** The image as the base reads it, where it was prepared before: then the file is not read. */
  readonly prepared?: PreparedImage | undefined;
}

/** What one example gives to a base. */
export type Input = TextInput | ImageInput;

/**
 * What is to be predicted. Only `"single"` can be trained today; the others are named so that
 * formats and tasks can grow without a break.
 */
export type Target =
  | { readonly kind: "single"; readonly label: string }
  | { readonly kind: "multi"; readonly labels: readonly string[] }
  | { readonly kind: "regression"; readonly value: number };

/** One input with what is to be predicted for it. */
export interface Example<T extends Target = Target> {
  /** Where it came from, for messages and reports: `mails.csv:12`, `ants/0013035.jpg`. */
  readonly source: string;
  readonly input: Input;
  readonly target: T;
}

/** An example with one label. */
export type SingleLabelExample = Example<Extract<Target, { kind: "single" }>>;

/** An example without a label. */
export type UnlabelledExample = Omit<Example, "target">;

/** The splits that a user can give. `train` is what is learned from; the others only measure. */
export type SplitName = "train" | "val" | "test";

/** Labelled examples, divided into splits. */
export interface Dataset {
  readonly modality: Modality;
  /** Distinct labels over all splits, sorted by code point. */
  readonly labels: readonly string[];
  readonly splits: {
    /** What is learned from. */
    readonly train: readonly SingleLabelExample[];
    /** Measured while settings are chosen. */
    readonly val?: readonly SingleLabelExample[];
    /** Measured at the end. */
    readonly test?: readonly SingleLabelExample[];
  };
  /** Examples without a label, which say how inputs of this kind vary. */
  readonly unlabelled?: readonly UnlabelledExample[] | undefined;
  /** What was left out under the option `skipBad`; empty otherwise. */
  readonly skipped: readonly import("../errors.js").DataProblem[];
}
