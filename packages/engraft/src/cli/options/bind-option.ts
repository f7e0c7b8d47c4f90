import { UsageError } from "@engraft/core/errors";
import type { InputBinding } from "@engraft/tasks/internal";

/** `--bind name=value`, once for each input or size. */
export const BIND_OPTION = "--bind <name=value>";

export const BIND_TEXT =
  "fix an input of an ONNX file to a constant, or the name of a size to a number; may be repeated";

/** Collects what is given. */
export function collectBinding(given: string, before: string[]): string[] {
  return [...before, given];
}

/**
 * Reads `name=value` as it is given on the command line; numbers of a list are divided by commas.
 *
 * @throws UsageError when it is not of this form, or a name is given twice.
 */
export function parseBindings(given: readonly string[]): InputBinding[] {
  const bindings: InputBinding[] = [];
  for (const text of given) {
    const at = text.lastIndexOf("=");
    const name = text.slice(0, Math.max(0, at));
    const values = text
      .slice(at + 1)
      .split(",")
      .map(numberOf);
    if (name === "" || values.some(Number.isNaN)) {
      throw new UsageError(
        `--bind takes name=value, such as sr=16000, or name=1,2,3 for an input of three numbers; "${text}" is not that.`,
      );
    }
    if (bindings.some((one) => one.name === name)) {
      throw new UsageError(`--bind gives "${name}" twice.`);
    }
    bindings.push({ name, values });
  }
  return bindings;
}

/** As {@link parseBindings}; undefined where nothing is given. */
export function bindingsGiven(given: readonly string[]): InputBinding[] | undefined {
  return given.length === 0 ? undefined : parseBindings(given);
}

function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}
