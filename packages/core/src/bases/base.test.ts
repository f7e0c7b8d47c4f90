import { createHash } from "node:crypto";
import { encodeModel } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { textBase } from "../../test/tiny-bases.js";
import { IntegrityError } from "../errors.js";
import { openBase, parseBaseSpec } from "./base.js";

const sha256 = (data: Uint8Array | string) =>
  Promise.resolve(createHash("sha256").update(data).digest("hex"));

/** The files of a small base, with a spec that is right about them. */
async function baseFiles(): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>([
    ["model.onnx", encodeModel(textBase.model)],
    ["tokenizer.json", Buffer.from(JSON.stringify(textBase.tokenizer()))],
  ]);
  const digests = new Map<string, { sha256: string; bytes: number }>();
  for (const [name, bytes] of files) {
    digests.set(name, { sha256: await sha256(bytes), bytes: bytes.length });
  }
  const spec = { ...textBase.spec, files: Object.fromEntries(digests) };
  files.set("spec.json", Buffer.from(JSON.stringify(spec)));
  return files;
}

function open(files: ReadonlyMap<string, Uint8Array>) {
  return openBase(async (name) => files.get(name)!, { sha256 });
}

async function refusal(files: ReadonlyMap<string, Uint8Array>): Promise<IntegrityError> {
  const error = await open(files).catch((thrown: unknown) => thrown);
  if (!(error instanceof IntegrityError)) throw new Error(`not refused: ${String(error)}`);
  return error;
}

describe("openBase", () => {
  it("opens a base whose files are those of its spec", async () => {
    const base = await open(await baseFiles());
    expect(base.spec.id).toBe("tiny-texts");
    expect(base.tokenizer()).toEqual(textBase.tokenizer());
    expect(base.model.graph.nodes).toHaveLength(textBase.model.graph.nodes.length);
    expect(base.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(["model.onnx", "tokenizer.json"])("refuses an altered %s by its name", async (name) => {
    const files = await baseFiles();
    const bytes = Uint8Array.from(files.get(name)!);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    const error = await refusal(files.set(name, bytes));
    expect(error).toMatchObject({ code: "base/altered", file: name });
    expect(error.message).toContain(name);
  });

  it("has another digest when a file or a tap is another", async () => {
    const files = await baseFiles();
    const { digest } = await open(files);
    const spec = JSON.parse(Buffer.from(files.get("spec.json")!).toString());
    spec.taps.pop();
    files.set("spec.json", Buffer.from(JSON.stringify(spec)));
    expect((await open(files)).digest).not.toBe(digest);
  });

  it("refuses a spec that names a file without its digest", async () => {
    const files = await baseFiles();
    const spec = JSON.parse(Buffer.from(files.get("spec.json")!).toString());
    delete spec.files["tokenizer.json"];
    const error = await refusal(files.set("spec.json", Buffer.from(JSON.stringify(spec))));
    expect(error).toMatchObject({ code: "base/invalid", file: "tokenizer.json" });
  });
});

describe("parseBaseSpec", () => {
  it.each([
    ["a cut-off file", '{"schemaVersion": 1, "id"'],
    ["a missing field", "{}"],
    ["an unknown version", JSON.stringify({ ...textBase.spec, schemaVersion: 2 })],
    ["no taps", JSON.stringify({ ...textBase.spec, taps: [] })],
    ["an unknown field", JSON.stringify({ ...textBase.spec, extra: true })],
  ])("refuses %s", (_, text) => {
    const parse = () => parseBaseSpec(Buffer.from(text));
    expect(parse).toThrow(IntegrityError);
    expect(parse).toThrow(/spec\.json/);
  });
});
