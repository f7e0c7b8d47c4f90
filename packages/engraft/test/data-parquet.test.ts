import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { DataError } from "@engraft/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorOf, rowsOf, writeOne } from "./data-support.js";
import { readDataset } from "./flat-reading.js";
import { type ColumnParts, PARQUET, parquet, plainBytes, varint } from "./parquet-support.js";

/** A column of texts on one page. */
function texts(name: string, values: readonly (string | Uint8Array)[]): ColumnParts {
  const body = plainBytes(values);
  const page = { count: values.length, encoding: PARQUET.plain, body };
  return { name, type: PARQUET.bytes, converted: PARQUET.utf8, pages: [page] };
}

/** A column of which one page holds these bytes. */
function column(count: number, body: Uint8Array, parts: Partial<ColumnParts>): ColumnParts {
  const pages = [{ count, encoding: PARQUET.plain, body }];
  return { name: "label", type: PARQUET.int64, pages, ...parts };
}

/** A column of texts by their numbers in a dictionary. */
function dictionaryColumn(
  name: string,
  words: readonly string[],
  count: number,
  indices: Uint8Array,
): ColumnParts {
  return {
    name,
    type: PARQUET.bytes,
    converted: PARQUET.utf8,
    pages: [
      { isDictionary: true, count: words.length, encoding: 0, body: plainBytes(words) },
      { count, encoding: PARQUET.dictionary, body: indices },
    ],
  };
}

async function read(file: Uint8Array, options = {}): Promise<(string | undefined)[][]> {
  const data = await readDataset(await writeOne("m.parquet", file), {
    purpose: "evaluate",
    ...options,
  });
  return rowsOf(data).map(([, label, text]) => [text, label]);
}

describe("values of Parquet", () => {
  const two = texts("text", ["a", "b"]);
  const bigs = new Uint8Array(BigInt64Array.of(1234567890123456781n, -9007199254740993n).buffer);

  it.each([
    ["INT64", column(2, bigs, {}), ["1234567890123456781", "-9007199254740993"]],
    [
      "UINT64",
      column(2, bigs, { converted: PARQUET.uint64 }),
      ["1234567890123456781", "18437736874454810623"],
    ],
    [
      "UINT32",
      column(2, new Uint8Array(Int32Array.of(-1, 5).buffer), {
        type: PARQUET.int32,
        converted: PARQUET.uint32,
      }),
      ["4294967295", "5"],
    ],
    [
      "decimals of 64 bits",
      column(2, bigs, { converted: PARQUET.decimal, scale: 3 }),
      ["1234567890123456.781", "-9007199254740.993"],
    ],
    [
      "decimals in bytes",
      column(2, Uint8Array.of(0, 0, 0, 0x96, 0xff, 0xff, 0xff, 0xfb), {
        type: PARQUET.fixed,
        length: 4,
        converted: PARQUET.decimal,
        scale: 2,
      }),
      ["1.5", "-0.05"],
    ],
  ])("keep their digits: %s", async (_, label, expected) => {
    expect(await read(parquet(2, [two, label]))).toEqual([
      ["a", expected[0]],
      ["b", expected[1]],
    ]);
  });

  it("that are no text or label are said for what they are", async () => {
    const dates = column(2, new Uint8Array(Int32Array.of(1, 2).buffer), {
      type: PARQUET.int32,
      converted: PARQUET.date,
    });
    const bad = texts("text", ["fine", Uint8Array.of(0x63, 0xe9, 0x20)]);
    const error = await errorOf(await writeOne("m.parquet", parquet(2, [bad, dates])));
    expect(error.problems).toEqual([
      { where: "m.parquet:1", what: "the label is a date or time where one string was expected" },
      {
        where: "m.parquet:2",
        what:
          "the text is bytes that are not UTF-8 where a string was expected; " +
          "the label is a date or time where one string was expected",
      },
    ]);
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "stand in columns called %s",
    async (name) => {
      const file = parquet(2, [texts(name, ["a", "b"]), texts("label", ["x", "y"])]);
      const swapped = parquet(2, [texts("text", ["a", "b"]), texts(name, ["x", "y"])]);
      const rows = [
        ["a", "x"],
        ["b", "y"],
      ];
      expect(await read(file, { text: name })).toEqual(rows);
      expect(await read(swapped, { label: name })).toEqual(rows);
    },
  );

  it("stand on pages of any length, in any number", async () => {
    const values = ["a", "b", "c", "d", "e"];
    const page = (some: string[]) => ({
      count: some.length,
      encoding: PARQUET.plain,
      body: plainBytes(some),
    });
    const pages = [page(["a"]), page([]), page(["b", "c", "d"]), page(["e"])];
    const file = parquet(5, [{ ...texts("text", []), pages }, texts("label", values)]);
    expect(await read(file)).toEqual(values.map((value) => [value, value]));
  });
});

describe("a Parquet file that asks for much", () => {
  it("is read page by page: 300,000 rows of a few bytes", async () => {
    const count = 300_000;
    const run = Uint8Array.of(1, ...varint(2n * BigInt(count)), 1);
    const file = parquet(count, [
      dictionaryColumn("text", ["a", "b"], count, run),
      dictionaryColumn("label", ["x", "y"], count, run),
    ]);
    expect(file.length).toBeLessThan(600);
    const rows = await read(file);
    expect([rows.length, rows.at(-1)]).toEqual([count, ["b", "y"]]);
  });

  const labels = texts("label", ["x", "y"]);
  const packed = {
    number: PARQUET.brotli,
    pack: (body: Uint8Array) => new Uint8Array(brotliCompressSync(body)),
  };
  const long = plainBytes(["x".repeat(1000), "y"]);
  const one = (page: Partial<ColumnParts["pages"][number]>, rest: Partial<ColumnParts> = {}) => ({
    ...texts("text", []),
    pages: [{ count: 2, encoding: PARQUET.plain, body: long, ...page }],
    ...rest,
  });

  it.each([
    [
      "a page of 400 MB",
      one({ claimedLength: 400_000_000 }, { codec: packed }),
      "has 400000000 bytes; the limit is 256000000",
    ],
    [
      "a page longer than it says",
      one({ claimedLength: 900 }, { codec: packed }),
      "is not a readable Parquet file",
    ],
    [
      "a page shorter than it says",
      one({ claimedLength: 2000 }, { codec: packed }),
      "has 1009 bytes where it says 2000",
    ],
    [
      "2^31 values on a page",
      one({ count: 2 ** 31 - 1 }),
      "has 2147483647 values; the limit is 33554432",
    ],
    ["fewer values than rows", one({ count: 1 }), "a column has fewer values than there are rows"],
    ["a page that is cut off", one({ count: 9 }), "is not a readable Parquet file"],
    [
      "runs that end too early",
      dictionaryColumn("text", ["a"], 2, Uint8Array.of(1, 3)),
      "a page ends inside of a run",
    ],
    ["empty runs", dictionaryColumn("text", ["a"], 2, Uint8Array.of(1, 0, 0)), "a run is empty"],
    [
      "words that are not there",
      dictionaryColumn("text", ["a"], 2, Uint8Array.of(1, 4, 1)),
      "value 1 of a dictionary of 1",
    ],
    ["an encoding that is not known", one({ encoding: 1 }), "are not read"],
  ])("is refused: %s", async (_, text, message) => {
    const error = await errorOf(await writeOne("m.parquet", parquet(2, [text, labels])));
    expect(error.code).toBe("data/unreadable");
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^m\.parquet:\d/);
  });

  it("gives as many values as it says, whatever its runs say", async () => {
    const run = Uint8Array.of(1, ...varint(2n ** 32n), 0);
    const file = parquet(2, [dictionaryColumn("text", ["a", "b"], 2, run), labels]);
    expect(await read(file)).toEqual([
      ["a", "x"],
      ["a", "y"],
    ]);
  });
});

describe("a damaged Parquet file", () => {
  it("is a DataError or other data, never another error", async () => {
    const fixture = await readFile(join(import.meta.dirname, "data-fixtures/mails.parquet"));
    const whole = parquet(2, [
      dictionaryColumn("text", ["a", "b"], 2, Uint8Array.of(1, 3, 0b10)),
      texts("label", ["x", "y"]),
    ]);
    const property = fc.asyncProperty(
      fc.constantFrom(whole, fixture),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }),
      async (file, changes) => {
        const damaged = Uint8Array.from(file);
        for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
        const path = await writeOne("m.parquet", damaged);
        const error: unknown = await readDataset(path, { purpose: "evaluate" }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(DataError);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  it("without the name of a column is said to be so", async () => {
    const file = Buffer.from(parquet(1, [texts("text", ["a"]), texts("label", ["x"])]));
    // The name of the column becomes a field that is not known.
    const at = file.indexOf(Buffer.from("\x18\x04text", "latin1"));
    file[at] = 0xb8;
    const error = await errorOf(await writeOne("m.parquet", file));
    expect(error.code).toBe("data/unreadable");
    expect(error.message).toMatch(/^m\.parquet: is not a readable Parquet file/);
  });

  it("with a column twice is refused", async () => {
    const file = parquet(1, [texts("text", ["a"]), texts("text", ["b"]), texts("label", ["x"])]);
    expect((await errorOf(await writeOne("m.parquet", file))).message).toContain(
      'the column "text" appears more than once',
    );
  });
});
