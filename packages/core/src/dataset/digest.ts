import type { Platform } from "../platform.js";
import type { Input } from "./dataset.js";

/**
 * SHA-256 of a text, or of the file of an image, which is read only where it is not known.
 *
 * @throws DataError when the file cannot be read.
 */
export async function digestOfInput(
  input: Input,
  { sha256 }: Pick<Platform, "sha256">,
): Promise<string> {
  if (input.kind === "text") return sha256(input.text);
  return input.digest ?? sha256(await input.read());
}
