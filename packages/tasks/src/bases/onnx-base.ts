import { type BaseModel, baseOfOnnx, UsageError } from "@engraft/core";
import type { InputBinding } from "../format/manifest/config.js";
import type { Host, HostFiles } from "../host.js";
import { bindModel } from "./bind.js";
import { parseTokenizer, readPreprocessing } from "./preprocessing.js";

/** What an ONNX file does not say itself. */
export interface OnnxBaseOptions {
  /** `imagenet` or the path of a JSON file with the words of a base's `preprocessing`. */
  readonly preprocess?: string | undefined;
  /** Inputs and sizes that are fixed. Default: none. */
  readonly bind?: readonly InputBinding[] | undefined;
}

/**
 * Opens an ONNX file as a base model. Its digest depends on what is in the file, in its external data
 * and in the tokenizer, and on what is bound, not on where the files lie.
 *
 * @throws UsageError when the file is not there, when it is not said how raw inputs become its inputs,
 * when a binding does not fit, or when it cannot be a base.
 * @throws OnnxError when it is not an ONNX model that Engraft can read.
 */
export async function openOnnxBase(
  place: string,
  { preprocess, bind = [] }: OnnxBaseOptions,
  host: Pick<Host, "sha256"> & { readonly files: Pick<HostFiles, "read" | "beside" | "readModel"> },
): Promise<BaseModel> {
  if (preprocess === undefined) throw new UsageError(howToPreprocess(place));
  const { bytes, model, dataFiles } = await host.files.readModel(place, (cause) => {
    return new UsageError(
      `The base model ${place} cannot be read: ${cause.message}. Paths are looked up from the ` +
        "current folder: put the file there, or run from the folder that the path was given in.",
      { cause },
    );
  });
  const { preprocessing, tokenizerFile } = await readPreprocessing(preprocess, host.files);
  const files = new Map<string, Uint8Array>([["model.onnx", bytes]]);
  for (const [location, content] of dataFiles) files.set(`data/${location}`, content);
  if (preprocessing.kind === "text" && tokenizerFile !== undefined) {
    files.set(preprocessing.tokenizer, tokenizerFile);
  }
  if (bind.length > 0) files.set("bindings", encodeBindings(bind));
  const tokenizer = parseTokenizer(tokenizerFile);
  const described = await Promise.all(
    Array.from(files, async ([name, content]) => {
      return [name, { sha256: await host.sha256(content), bytes: content.length }] as const;
    }),
  );
  return baseOfOnnx(
    {
      id: place,
      model: bindModel(model, bind),
      preprocessing,
      tokenizer: () => tokenizer,
      files: Object.fromEntries(described),
    },
    host,
  );
}

/** For the digest: the order in which bindings are given says nothing. */
function encodeBindings(bind: readonly InputBinding[]): Uint8Array {
  const pairs = bind.map(({ name, values }) => JSON.stringify([name, values])).sort();
  return new TextEncoder().encode(pairs.join("\n"));
}

function howToPreprocess(place: string): string {
  return (
    `It is not known how texts or images become the inputs of ${place}. Say so with preprocess: ` +
    "imagenet for images as torchvision prepares them, or a JSON file:\n" +
    '  {"kind": "image", "resize": {"mode": "shorter-side", "size": 256, "filter": "bilinear"}, "centerCrop": 224,\n' +
    '   "mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375], "layout": "nchw"}\n' +
    '  {"kind": "text", "tokenizer": "tokenizer.json", "maxTokens": 256, "padTokenId": 0, "positions": 512}'
  );
}
