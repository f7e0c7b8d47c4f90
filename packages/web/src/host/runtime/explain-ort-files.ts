import { RuntimeError } from "@engraft/core/errors";
import { fetchFile } from "../net/fetch-file.js";

/** What every WebAssembly file begins with. */
const MAGIC = "\0asm";

/**
 * Looks whether the files of ONNX Runtime Web are served, after it has failed to start: its own
 * message names no file.
 *
 * @returns The error that says which file is not served, or the one that was given.
 */
export async function explainOrtFiles(
  error: unknown,
  { mjs, wasm }: { readonly mjs?: string; readonly wasm: string },
): Promise<unknown> {
  const ofGlue = mjs === undefined ? undefined : await fileError(mjs, error);
  return ofGlue ?? (await fileError(wasm, error, MAGIC)) ?? error;
}

async function fileError(
  address: string,
  cause: unknown,
  start = "",
): Promise<RuntimeError | undefined> {
  const why = await problemOf(address, start);
  if (why === undefined) return undefined;
  const detail = `${address} belongs to ONNX Runtime Web, and ${why}`;
  return new RuntimeError("runtime/load", detail, { cause });
}

async function problemOf(address: string, start: string): Promise<string | undefined> {
  try {
    const bytes = await fetchFile(address);
    const found = new TextDecoder("latin1").decode(bytes.subarray(0, start.length));
    return found === start ? undefined : "the server answers with something that is no WebAssembly";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
