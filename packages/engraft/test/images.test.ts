import { orient, readExifOrientation, recognizeImage } from "@engraft/core/images";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../src/host/image/decode.js";
import { thumbnailOf } from "../src/host/image/thumbnail.js";
import { drawImage, errorOf, rowsOf, writeFiles } from "./data-support.js";
import { readDataset, readInputs } from "./flat-reading.js";
import { bmp, tiff } from "./image-support.js";

const RED = [255, 0, 0];
const GREEN = [0, 255, 0];
const BLUE = [0, 0, 255];
const WHITE = [255, 255, 255];

/** The pixels of an image, row by row. */
async function pixelsOf(file: Uint8Array): Promise<number[][]> {
  const { data } = orient(await decodeImage(file), readExifOrientation(file));
  return Array.from({ length: data.length / 3 }, (_, i) => [...data.subarray(3 * i, 3 * i + 3)]);
}

/** Grey levels as pixels. */
function greys(...levels: number[]): number[][] {
  return levels.map((level) => [level, level, level]);
}

/** The first box of an ISO base media file. */
function fileOf(...brands: string[]): Uint8Array {
  const [major = "", ...others] = brands;
  const box = `ftyp${major}\0\0\0\0${others.join("")}`;
  const size = Buffer.alloc(4);
  size.writeUInt32BE(box.length + 4);
  return Buffer.concat([size, Buffer.from(box, "latin1"), Buffer.alloc(40)]);
}

describe("what is not decoded", () => {
  const SVG =
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="9" height="9"/></svg>';

  it.each([
    ["an SVG", SVG, "is an SVG drawing, which is not rendered"],
    [
      "an SVG with a prolog",
      `\ufeff<?xml version="1.0"?>\n<!-- a -->\n${SVG}`,
      "is an SVG drawing",
    ],
    ["an SVG with entities", `<!DOCTYPE svg [<!ENTITY a "b">]>${SVG}`, "is an SVG drawing"],
    ["a web page", "<!DOCTYPE html><html></html>", "is a web page or XML"],
    ["XML", '<?xml version="1.0"?><a/>', "is a web page or XML"],
    ["a PDF", "%PDF-1.7", "is a PDF document"],
    ["HEIC", fileOf("heic", "mif1"), "is a HEIC image"],
    ["HEIC by a compatible brand", fileOf("mif1", "heix"), "is a HEIC image"],
    ["JPEG XL", Buffer.from("ff0a7f", "hex"), "is a JPEG XL image"],
    ["nothing known", "BX not an image", "is not an image of a known format"],
  ])("is said, whatever its name: %s", async (_, content, message) => {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    expect(recognizeImage(bytes)).toEqual({ problem: expect.stringContaining(message) });
    await expect(decodeImage(bytes)).rejects.toThrow(message);
    expect(await thumbnailOf(bytes)).toBeUndefined();
    const image = await drawImage();
    const folder = await writeFiles({ "a/1.png": content, "a/2.jpg": content, "b/1.jpg": image });
    const error = await errorOf(folder, { purpose: "evaluate" });
    expect(error.problems).toEqual(
      ["a/1.png", "a/2.jpg"].map((where) => ({ where, what: expect.stringContaining(message) })),
    );
  });

  it("is named by its content where its extension is not one of an image", async () => {
    const image = await drawImage();
    const files = { "a/1.heic": fileOf("heic"), "a/2.svg": SVG, "a/3.doc": "x", "a/4.jpg": image };
    const error = await errorOf(await writeFiles({ ...files, "b/1.jpg": image }), {
      purpose: "evaluate",
    });
    expect(error.problems.map(({ what }) => what)).toEqual([
      expect.stringContaining("is a HEIC image"),
      expect.stringContaining("is an SVG drawing"),
      expect.stringContaining("is not an image by its extension; expected .jpg, .jpeg, .jfif"),
    ]);
  });

  it("an AVIF is decoded whatever its major brand", () => {
    expect(recognizeImage(fileOf("mif1", "avif", "heic"))).toEqual({ format: "AVIF" });
  });
});

describe("a Windows bitmap", () => {
  const palette = [RED, GREEN, BLUE, WHITE];
  const expected = [RED, GREEN, BLUE, WHITE, WHITE, RED];

  it.each([
    [
      "1 bit",
      { bits: 1, palette: [RED, GREEN], rows: [0b01000000, 0, 0, 0, 0b10100000, 0, 0, 0] },
      [GREEN, RED, GREEN, RED, GREEN, RED],
    ],
    [
      "4 bits",
      { bits: 4, palette, rows: [0x33, 0, 0, 0, 0x01, 0x20, 0, 0].with(1, 0) },
      [RED, GREEN, BLUE, WHITE, WHITE, RED],
    ],
    ["8 bits", { bits: 8, palette, rows: [3, 3, 0, 0, 0, 1, 2, 0] }, expected],
    ["8 bits of OS/2", { bits: 8, palette, core: true, rows: [3, 3, 0, 0, 0, 1, 2, 0] }, expected],
    [
      "8 bits from the top",
      { bits: 8, height: -2, palette, rows: [0, 1, 2, 0, 3, 3, 0, 0] },
      expected,
    ],
    [
      "8 bits in runs",
      { bits: 8, compression: 1, palette, rows: [2, 3, 1, 0, 0, 0, 0, 3, 0, 1, 2, 0, 0, 1] },
      expected,
    ],
    [
      "4 bits in runs",
      { bits: 4, compression: 2, palette, rows: [2, 0x33, 1, 0x00, 0, 0, 0, 3, 0x01, 0x20, 0, 1] },
      expected,
    ],
    [
      "runs with a move",
      { bits: 8, compression: 1, palette, rows: [0, 2, 1, 1, 1, 2, 0, 1] },
      [RED, BLUE, RED, RED, RED, RED],
    ],
    [
      "16 bits, 5 each",
      {
        bits: 16,
        rows: [0xff, 0x7f, 0xff, 0x7f, 0, 0x7c, 0, 0, 0, 0x7c, 0xe0, 0x03, 0x1f, 0, 0, 0],
      },
      expected,
    ],
    [
      "16 bits with masks",
      {
        bits: 16,
        compression: 3,
        masks: [0xf800, 0x7e0, 0x1f],
        rows: [0xff, 0xff, 0xff, 0xff, 0, 0xf8, 0, 0, 0, 0xf8, 0xe0, 0x07, 0x1f, 0, 0, 0],
      },
      expected,
    ],
    [
      "24 bits",
      {
        bits: 24,
        rows: [
          255, 255, 255, 255, 255, 255, 0, 0, 255, 0, 0, 0, 0, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0,
          0,
        ],
      },
      expected,
    ],
    [
      "32 bits",
      {
        bits: 32,
        rows: [
          255, 255, 255, 9, 255, 255, 255, 9, 0, 0, 255, 9, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0,
          0,
        ],
      },
      expected,
    ],
    [
      "32 bits with masks",
      {
        bits: 32,
        compression: 3,
        masks: [0xff, 0xff00, 0xff0000],
        rows: [
          255, 255, 255, 9, 255, 255, 255, 9, 255, 0, 0, 9, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255,
          0,
        ],
      },
      expected,
    ],
  ] as const)("of %s is decoded", async (_, parts, pixels) => {
    expect(await pixelsOf(bmp({ width: 3, height: 2, ...parts }))).toEqual(pixels);
  });

  it("is read as data, shown, and refused where it is damaged", async () => {
    const good = bmp({ width: 3, height: 2, bits: 8, palette, rows: [3, 3, 0, 0, 0, 1, 2, 0] });
    const folder = await writeFiles({
      "a/1.bmp": good,
      "a/2.jpg": good,
      "b/1.BMP": good.subarray(0, 40),
      "b/2.bmp": bmp({ width: 30_000, height: 30_000, bits: 8, palette, rows: [0] }),
      "b/3.bmp": good,
    });
    const data = await readDataset(folder, { purpose: "evaluate", skipBad: true });
    expect(rowsOf(data).map(([source]) => source)).toEqual(["a/1.bmp", "a/2.jpg", "b/3.bmp"]);
    expect(data.skipped.map(({ what }) => what)).toEqual([
      expect.stringContaining("is not a readable image (it is cut off)"),
      expect.stringMatching(/900 megapixels.*50 megapixels .*option maxImagePixels/),
    ]);
    expect(await thumbnailOf(good)).toContain("data:image/jpeg;base64,");
    await expect(decodeImage(good.subarray(0, good.length - 1))).rejects.toThrow("cut off");
    const jpegInside = bmp({ width: 1, height: 1, bits: 24, compression: 4, rows: [0, 0, 0, 0] });
    await expect(decodeImage(jpegInside)).rejects.toThrow("compression 4");
  });
});

describe("a TIFF", () => {
  const grey = { width: 2, height: 1 };

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "with orientation %i is turned as a JPEG is",
    async (orientation) => {
      const levels = Uint8Array.of(0, 40, 80, 120, 160, 200);
      for (const big of [false, true]) {
        const file = tiff({ width: 3, height: 2, samples: levels, orientation, big });
        const upright = orient(
          { width: 3, height: 2, data: Uint8Array.from(greys(...levels).flat()) },
          orientation,
        );
        const decoded = orient(await decodeImage(file), readExifOrientation(file));
        expect([decoded.width, decoded.height, ...decoded.data]).toEqual([
          upright.width,
          upright.height,
          ...upright.data,
        ]);
      }
    },
  );

  it.each([
    ["floats from 0 to 1", { samples: Float32Array.of(0.1, 1) }, greys(26, 255)],
    ["floats from 0 to 255", { samples: Float32Array.of(0, 217.4) }, greys(0, 217)],
    [
      "RGB floats",
      { samples: Float32Array.of(0, 0.2, 1, 1, 0.4, 0), bands: 3 },
      [
        [0, 51, 255],
        [255, 102, 0],
      ],
    ],
    ["grey of 16 bits", { samples: Uint16Array.of(256, 65_535) }, greys(1, 255)],
    [
      "RGB and a band",
      { samples: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), bands: 4, extra: 0 },
      [
        [1, 2, 3],
        [5, 6, 7],
      ],
    ],
  ])("of %s is decoded", async (_, parts, pixels) => {
    expect(await pixelsOf(tiff({ ...grey, ...parts }))).toEqual(pixels);
  });

  it.each([
    [
      "floats below 0",
      { samples: Float32Array.of(-0.5, 1) },
      "from -0.5 to 1; expected 0 to 1, or 0 to 255",
    ],
    ["floats above 255", { samples: Float32Array.of(0, 4000) }, "from 0 to 4000"],
    ["floats that are none", { samples: Float32Array.of(0, Number.NaN) }, "some are not numbers"],
    ["numbers with a sign", { samples: Int16Array.of(-5, 5) }, "has samples of the type short"],
    ["32 bits", { samples: Uint32Array.of(1, 2) }, "has samples of the type uint"],
    [
      "5 bands",
      { samples: new Uint8Array(10), bands: 5 },
      "has 5 bands; expected grey, RGB or CMYK",
    ],
  ])("of %s is refused", async (_, parts, message) => {
    await expect(decodeImage(tiff({ ...grey, ...parts }))).rejects.toThrow(message);
  });
});

describe("doubts about images", () => {
  it("are told once, with their number", async () => {
    const bits12 = tiff({ width: 2, height: 1, samples: Uint16Array.of(0, 4095) });
    const bits16 = tiff({ width: 2, height: 1, samples: Uint16Array.of(0, 4097) });
    const png = await sharp(Uint16Array.of(7, 4095), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace("grey16")
      .png()
      .toBuffer();
    const four = { width: 1, height: 1, samples: Uint8Array.of(1, 2, 3, 4), bands: 4 };
    const folder = await writeFiles({
      "a/1.tif": bits12,
      "a/2.tif": bits16,
      "a/3.png": png,
      "b/1.tif": tiff({ ...four, extra: 0 }),
      "b/2.tif": tiff({ ...four, extra: 2 }),
    });
    const expected = [
      expect.stringMatching(
        /^a\/1.tif and 1 more: has 16 bits of which the upper four are never used/,
      ),
      expect.stringMatching(/^b\/1.tif: has 4 bands, and the last is not said to be transparency/),
    ];
    const warnings: string[] = [];
    const onWarning = (message: string): void => void warnings.push(message);
    await readDataset(folder, { purpose: "evaluate", onWarning });
    expect(warnings).toEqual(expected);
    warnings.length = 0;
    const given = [`${folder}/a`, `${folder}/b`];
    for await (const _ of readInputs(given, { modality: "image", onWarning }));
    expect(warnings).toHaveLength(2);
  });
});
