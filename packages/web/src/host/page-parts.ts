import { RuntimeError } from "@engraft/core/errors";
import type { PageProgram } from "@engraft/tasks/predict";
import { fetchFile } from "./net/fetch-file.js";

/**
 * Fetches the program of a page, which lies beside the code of the worker, and ONNX Runtime as
 * WebAssembly.
 *
 * @param wasm - The WebAssembly: its address, or its bytes.
 * @throws RuntimeError `runtime/load` when one is not served.
 */
export async function readPageParts(wasm: string | Uint8Array): Promise<PageProgram> {
  const program = new URL("./task-page.txt", import.meta.url).href;
  const [code, runtime] = await Promise.all([
    fetchPart(program),
    typeof wasm === "string" ? fetchPart(wasm) : wasm,
  ]);
  return { program: new TextDecoder().decode(code), wasm: runtime };
}

async function fetchPart(address: string): Promise<Uint8Array> {
  try {
    return await fetchFile(address);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const detail = `${address} belongs to the page of a task, and ${why}`;
    throw new RuntimeError("runtime/load", detail, { cause });
  }
}
