import { getTextEncoding } from "@bufbuild/protobuf/wire";
import { OnnxError } from "../errors.js";

/** What every decoding function is handed. */
export interface DecodeContext {
  /**
   * Records that the model needs something that the IR cannot hold. Decoding goes on, so that one
   * error can name everything.
   */
  unsupported(reason: string): undefined;
  /**
   * The text as the one string that stands for it in the whole model: the reader of the format makes a
   * new one for every place, and maps find a string that they hold itself sooner than an equal one.
   */
  readonly shared: (text: string) => string;
  /** The bytes of an external data file. */
  externalData(location: string): Uint8Array;
}

/** The error for bytes that break the format. */
export function malformed(message: string, cause?: unknown): OnnxError {
  return new OnnxError("onnx/malformed", message, { cause });
}

/** Text of a `bytes` field, which ONNX wants to be UTF-8. */
export function decodeText(bytes: Uint8Array, where: string, context: DecodeContext): string {
  try {
    return getTextEncoding().decodeUtf8(bytes, true);
  } catch {
    context.unsupported(`${where} holds a string that is not UTF-8`);
    return "";
  }
}

/** The bytes of a text, for a `bytes` field. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(getTextEncoding().encodeUtf8(text));
}
