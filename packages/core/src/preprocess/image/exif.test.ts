import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readExifOrientation, withoutExifOrientation } from "./exif.js";

interface File {
  readonly container: string;
  readonly orientation: number;
  readonly file: string;
}

const goldens: { readonly orientation: readonly File[] } = JSON.parse(
  readFileSync(new URL("../goldens/images.json", import.meta.url), "utf8"),
);
const files = goldens.orientation.map(({ file }) => Uint8Array.from(Buffer.from(file, "base64")));
const anyFile = fc.constantFrom(...files);
const isOrientation = (value: number): boolean => [1, 2, 3, 4, 5, 6, 7, 8].includes(value);

test("any bytes are upright or oriented, never an error", () => {
  const headers = ["\xff\xd8\xff\xe1", "\x89PNG\r\n\x1a\n", "RIFF\0\0\0\0WEBP"].map((text) => [
    ...Buffer.from(text, "latin1"),
  ]);
  fc.assert(
    fc.property(fc.constantFrom([], ...headers), fc.uint8Array(), (header, rest) => {
      expect(readExifOrientation(Uint8Array.of(...header, ...rest))).toBe(1);
    }),
  );
});

test("a truncated file is read as far as it goes", () => {
  fc.assert(
    fc.property(anyFile, fc.double({ min: 0, max: 1, noNaN: true }), (file, share) => {
      const whole = readExifOrientation(file);
      const part = readExifOrientation(file.subarray(0, Math.floor(file.length * share)));
      expect([1, whole]).toContain(part);
    }),
  );
});

test("damaged bytes give a valid orientation", () => {
  fc.assert(
    fc.property(anyFile, fc.nat(), fc.nat({ max: 255 }), (file, position, value) => {
      const damaged = file.slice();
      damaged[position % file.length] = value;
      expect(readExifOrientation(damaged)).toSatisfy(isOrientation);
    }),
    { numRuns: 1000 },
  );
});

test("the bytes may be a view of other memory", () => {
  const file = files.find((bytes) => readExifOrientation(bytes) === 6)!;
  const memory = new Uint8Array(file.length + 20);
  memory.set(file, 13);
  expect(readExifOrientation(memory.subarray(13, 13 + file.length))).toBe(6);
});

test("a file without its orientation is of the same length, and the rest of it as it was", () => {
  for (const [index, { orientation }] of goldens.orientation.entries()) {
    const file = files[index]!;
    const plain = withoutExifOrientation(file);
    expect(readExifOrientation(plain)).toBe(1);
    expect(plain).toHaveLength(file.length);
    const changed = plain.filter((byte, at) => byte !== file[at]);
    if (orientation === 1) expect(plain).toBe(file);
    else expect(changed.length).toBeLessThanOrEqual(2);
  }
});

test("a JPEG with fill bytes between its segments is read", () => {
  const index = goldens.orientation.findIndex(
    ({ container, orientation }) => container === "JPEG" && orientation === 8,
  );
  const file = files[index]!;
  const filled = Uint8Array.of(...file.subarray(0, 2), 0xff, 0xff, ...file.subarray(2));
  expect(readExifOrientation(filled)).toBe(8);
});
