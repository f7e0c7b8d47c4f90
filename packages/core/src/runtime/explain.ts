import { RuntimeError } from "../errors.js";

/** How ONNX Runtime says that memory is short, in its own words and in those of the C++ library. */
const NO_MEMORY =
  /failed to allocate|could not allocate|allocation failed|bad[_ ]alloc|out of memory|not enough memory/i;

const COLOUR = /\p{Cc}\[[0-9;]*m/gu;
/** A file and a line of the source of ONNX Runtime. */
const PLACE = /\S+\.(?:cc|cpp|h|hpp):\d+\s+/g;

/**
 * An error of ONNX Runtime as one of Engraft, with its words cleaned of colours and of places in its
 * source.
 *
 * @param doing - What failed: loading a model, or a run of it.
 */
export function explainRuntimeError(error: unknown, doing: "load" | "run"): RuntimeError {
  const said = error instanceof Error ? error.message : String(error);
  const detail = said.replace(COLOUR, "").replace(PLACE, "").replace(/\s+/g, " ").trim();
  const code = NO_MEMORY.test(said) ? "runtime/memory" : (`runtime/${doing}` as const);
  return new RuntimeError(code, detail, { cause: error });
}
