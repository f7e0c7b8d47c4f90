import { OnnxError } from "../../errors.js";
import { nearMatches } from "../../ir/names.js";

/** The error for a name that is not among `known`, with the nearest names that are. */
export function unknownName(what: string, name: string, known: Iterable<string>): OnnxError {
  const matches = nearMatches(name, known).map((match) => `"${match}"`);
  const hint = matches.length > 0 ? ` Did you mean ${matches.join(" or ")}?` : "";
  return new OnnxError("onnx/unknown-name", `There is no ${what} "${name}".${hint}`, {
    subject: name,
  });
}
