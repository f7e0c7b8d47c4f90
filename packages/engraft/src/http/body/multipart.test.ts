import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { isMultipart, readFiles } from "./multipart.js";

const TYPE = "multipart/form-data; boundary=x";
const limits = { maxInputs: 3, maxBody: 1000 };

/** One part of a form. */
function part(disposition: string, content = "bytes"): string {
  return `--x\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
}

function file(name: string): string {
  return part(`name="${name}"; filename="1.png"`);
}

/** Reads a form that comes in pieces of some bytes. */
function read(parts: readonly string[], end = "--x--\r\n", type = TYPE) {
  const bytes = Buffer.from(parts.join("") + end);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, n) =>
    bytes.subarray(7 * n, 7 * n + 7),
  );
  return readFiles(Readable.from(pieces), type, limits);
}

it.each(["inputs", "__proto__", "constructor", "toString", "hasOwnProperty", "é\u202e", ""])(
  "a file may be in a field called %j",
  async (name) => {
    const files = await read([file(name), file(name)]);
    expect(files.map(String)).toEqual(["bytes", "bytes"]);
  },
);

it("files are in their order, and no form is a form without files", async () => {
  const named = (content: string) => part('name="a"; filename="b"', content);
  expect((await read([named("1"), named(""), named("3")])).map(String)).toEqual(["1", "", "3"]);
  expect(await read([])).toEqual([]);
});

describe("a form is refused with the true reason", () => {
  it.each([
    ["a field that is no file", [part('name="a"')], "request/invalid", "not a file"],
    ["a field among files", [file("a"), part('name="a"')], "request/invalid", "not a file"],
    [
      "too many files",
      ["a", "b", "c", "d"].map(file),
      "request/too-large",
      "more than the 3 files",
    ],
  ])("for %s", async (_, parts, code, detail) => {
    await expect(read(parts)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(detail),
    });
  });

  it("for an end that is missing, a broken boundary, or none", async () => {
    for (const reading of [
      read([file("a")], "--x"),
      read([file("a")], "", "multipart/form-data"),
      read(["hello"], ""),
    ]) {
      await expect(reading).rejects.toMatchObject({ code: "request/invalid" });
    }
  });

  it("for a body that breaks off", async () => {
    const body = new Readable({ read() {} });
    body.push(file("a").slice(0, 70));
    const reading = readFiles(body, TYPE, limits);
    body.destroy(new Error("gone"));
    await expect(reading).rejects.toThrow("gone");
  });
});

it("its media type is told by its beginning", () => {
  expect(isMultipart(TYPE)).toBe(true);
  expect(isMultipart("Multipart/Form-Data")).toBe(true);
  expect(isMultipart("multipart/form-database")).toBe(false);
  expect(isMultipart(undefined)).toBe(false);
});
