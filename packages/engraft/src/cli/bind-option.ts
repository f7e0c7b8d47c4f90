/** `--bind name=value`, once for each input or size. */
export const BIND_OPTION = "--bind <name=value>";

export const BIND_TEXT =
  "fix an input of an ONNX file to a constant, or the name of a size to a number; may be repeated";

/** Collects what is given. */
export function collectBinding(given: string, before: string[]): string[] {
  return [...before, given];
}
