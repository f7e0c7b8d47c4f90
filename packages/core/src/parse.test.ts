import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseJson, parseOr } from "./parse.js";

describe("JSON", () => {
  it("is read from text and from UTF-8", () => {
    expect(parseJson('{"a": "ü"}')).toEqual({ a: "ü" });
    expect(parseJson(new TextEncoder().encode('["ü"]'))).toEqual(["ü"]);
  });

  it("that is none is undefined, or the error that was asked for", () => {
    expect(parseJson("{")).toBeUndefined();
    const refuse = (cause: unknown) => new RangeError("no JSON", { cause });
    const parse = () => parseJson("{", refuse);
    expect(parse).toThrow(RangeError);
    expect(parse).toThrow(expect.objectContaining({ cause: expect.any(SyntaxError) }));
  });
});

describe("a value of a schema", () => {
  const schema = z.object({ layers: z.array(z.object({ units: z.int().default(4) })) });
  const refuse = (place: string, message: string) => new RangeError(`${place}: ${message}`);

  it("has its defaults", () => {
    expect(parseOr(schema, { layers: [{}] }, refuse)).toEqual({ layers: [{ units: 4 }] });
  });

  it("is refused with the place of the first issue", () => {
    const bad = { layers: [{ units: 1 }, { units: 0.5 }] };
    expect(() => parseOr(schema, bad, refuse)).toThrow(/^layers\.1\.units: .*int/);
    expect(() => parseOr(schema, 7, refuse)).toThrow(/^its root: .*object/);
  });
});
