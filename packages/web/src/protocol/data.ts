import type { Correction, InputBinding, Inspection } from "@engraft/tasks";
import type { ReadDataset } from "./datasets.js";
import type { Method, SentOptions } from "./method.js";
import type { SentData, SentFiles, SentPlace } from "./sources.js";

/** What a page asks its worker for about data and files. */
export interface DataMethods {
  readonly readDataset: Method<
    { readonly source: SentData; readonly options: SentOptions },
    ReadDataset
  >;
  /** The file of an image of a data set. */
  readonly readImage: Method<
    { readonly dataset: number; readonly image: number },
    { readonly file: Uint8Array }
  >;
  readonly closeDataset: Method<{ readonly dataset: number }, undefined>;
  readonly inspect: Method<
    { readonly what: SentPlace; readonly bind: readonly InputBinding[] | undefined },
    Inspection
  >;
  /** A copy of a data file with other labels; of other data, the corrections as a CSV. */
  readonly correct: Method<
    {
      readonly source: SentFiles;
      readonly corrections: readonly Correction[];
      readonly options: SentOptions;
    },
    { readonly name: string; readonly file: Uint8Array<ArrayBuffer> }
  >;
}
