import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bertNormalizer, bertPreTokenizer } from "./bert.js";

const uncased = { clean_text: true, handle_chinese_chars: true, lowercase: true };

/** Stored by goldens/make.py. */
interface Goldens {
  /** The code points that Unicode 14 assigns: `hex` or `hex-hex`, separated by spaces. */
  readonly assigned: string;
  readonly blockSize: number;
  /** Of each block with an assigned code point: SHA-256 of the words of `a` + code point, ... */
  readonly digests: readonly string[];
}

function wordsByBlock({ assigned, blockSize }: Goldens): string[][] {
  const normalize = bertNormalizer(uncased);
  const split = bertPreTokenizer(100_000);
  const texts = new Map<number, string>();
  for (const range of assigned.split(" ")) {
    const [first, last] = range.split("-").map((hex) => Number.parseInt(hex, 16));
    for (let codePoint = first!; codePoint <= (last ?? first!); codePoint++) {
      const block = Math.floor(codePoint / blockSize);
      texts.set(block, `${texts.get(block) ?? ""}a${String.fromCodePoint(codePoint)}`);
    }
  }
  return [...texts.values()].map((text) => split(normalize(text)));
}

test("every character gives the words that the Rust library gives", () => {
  const goldens: Goldens = JSON.parse(
    readFileSync(new URL("../goldens/bertCharacters.json", import.meta.url), "utf8"),
  );
  const digests = wordsByBlock(goldens).map((words) =>
    createHash("sha256").update(words.join("\n")).digest("hex").slice(0, 16),
  );
  expect(digests).toEqual(goldens.digests);
});

test("a cased model keeps case and accents", () => {
  const normalize = bertNormalizer({ ...uncased, lowercase: false });
  expect(normalize("Été ΟΔΟΣ")).toBe("Été ΟΔΟΣ");
});

test("strip_accents decides about accents whatever the case", () => {
  const stripped = bertNormalizer({ ...uncased, lowercase: false, strip_accents: true });
  expect(stripped("Été")).toBe("Ete");
  const kept = bertNormalizer({ ...uncased, strip_accents: false });
  expect(kept("Été")).toBe("été");
});

test("a word that is too long stays too long, and no longer than shows it", () => {
  const [short, ...rest] = bertPreTokenizer(100)("😀".repeat(1_000_000));
  expect(rest).toEqual([]);
  expect(Array.from(short!)).toHaveLength(101);
  expect(bertPreTokenizer(100)("x".repeat(150))).toEqual(["x".repeat(150)]);
});
