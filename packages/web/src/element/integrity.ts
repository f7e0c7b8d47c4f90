import { IntegrityError, UsageError } from "@engraft/core/errors";
import { toBase64 } from "../host/encodings.js";

/** What `integrity` can name, the strongest last, and what browsers call it. */
const ALGORITHMS = [
  ["sha256", "SHA-256"],
  ["sha384", "SHA-384"],
  ["sha512", "SHA-512"],
] as const;

/**
 * Makes sure that bytes are those that an attribute `integrity` asks for, as it does for scripts: of the
 * strongest algorithm that it names, one digest has to be right.
 *
 * @param file - What to call them in messages.
 * @throws UsageError when the attribute names no digest.
 * @throws IntegrityError when none of them is right.
 */
export async function requireIntegrity(
  bytes: Uint8Array<ArrayBuffer>,
  integrity: string,
  file: string,
): Promise<void> {
  const named = integrity.split(/\s+/).flatMap((token) => {
    const [, algorithm, digest] =
      /^(sha(?:256|384|512))-([A-Za-z0-9+/]+=*)(?:\?.*)?$/.exec(token) ?? [];
    return digest === undefined ? [] : [{ algorithm, digest }];
  });
  const strongest = ALGORITHMS.findLast(([name]) => named.some((each) => each.algorithm === name));
  if (strongest === undefined) {
    throw new UsageError(
      `integrity is "sha256-" and a digest in base64, or the same with sha384 or sha512, not "${integrity}".`,
    );
  }
  const [algorithm, nameOfBrowsers] = strongest;
  const actual = toBase64(new Uint8Array(await crypto.subtle.digest(nameOfBrowsers, bytes)));
  const expected = named.filter((each) => each.algorithm === algorithm);
  if (expected.some(({ digest }) => digest === actual)) return;
  throw new IntegrityError(
    "task/altered",
    file,
    `The file ${file} is not the one that the page asks for: its digest is ${algorithm}-${actual}, ` +
      `expected ${expected.map(({ digest }) => `${algorithm}-${digest}`).join(" or ")}. Restore the file, or ` +
      "change the attribute integrity.",
  );
}
