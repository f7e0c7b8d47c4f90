import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { Refusal } from "../problems.js";
import { parseJsonBody } from "./json-body.js";

const parse = (text: string, maxInputs = 256) => parseJsonBody(Buffer.from(text), maxInputs);

/** The detail of a refusal. */
function refusalOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({ code: "request/json" });
    return (error as Error).message;
  }
  throw new Error("The body was parsed.");
}

test.prop([fc.array(fc.string({ unit: "binary" }), { maxLength: 50 })])(
  "texts of all kinds are parsed",
  (inputs) => {
    expect(parse(JSON.stringify({ inputs }))).toEqual({ inputs });
  },
);

test.prop([fc.json({ maxDepth: 4 })])("so is any small body", (json) => {
  expect(parse(json)).toEqual(JSON.parse(json));
});

describe("a body is refused before it is parsed", () => {
  it.each([
    ["levels", "[".repeat(1000)],
    ["fields", `{${Array.from({ length: 1000 }, (_, n) => `"${n}":0`).join()}}`],
    ["items", `{"inputs":[${'"",'.repeat(100_000)}""]}`],
    ["lists", `[${"[],".repeat(100_000)}[]]`],
  ])("for too many %s", (_, body) => {
    expect(refusalOf(body)).toContain("more than 16 levels, 64 fields or");
  });

  it("but not for what stands in its texts", () => {
    const text = `[{":,\\"'`.repeat(10_000);
    expect(parse(JSON.stringify({ inputs: [text, "\\", '\\\\"'] }))).toEqual({
      inputs: [text, "\\", '\\\\"'],
    });
  });
});

it("the reason quotes no more than the beginning", () => {
  expect(refusalOf(`\u001b[2J${"x".repeat(1e6)}`).length).toBeLessThan(300);
  expect(refusalOf("\u001b[2J")).not.toContain("\u001b");
  expect(refusalOf(`"${"x".repeat(100)}`)).toContain("not JSON");
});
