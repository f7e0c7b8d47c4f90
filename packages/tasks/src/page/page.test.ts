import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { BaseHost } from "../bases/open-bases.js";
import { UnreadableFile } from "../storage-errors.js";
import { BaseRecorder, replayBase } from "./base-recorder.js";
import { decodeBase64, encodeBase64 } from "./base64.js";
import { openPageContent, packPageContent } from "./page-archive.js";
import { CONTENT_ID, isTaskPage, renderTaskPage } from "./page-html.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const sha256 = (data: Uint8Array | string): Promise<string> =>
  Promise.resolve(createHash("sha256").update(data).digest("hex"));

describe("base64", () => {
  it.each([0, 1, 2, 3, 4, 255, 1000])("is that of Node, for %i bytes", (length) => {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 151 + 7) % 256);
    const text = textOf(encodeBase64(bytes));
    expect(text).toBe(Buffer.from(bytes).toString("base64"));
    expect(decodeBase64(text)).toEqual(bytes);
    expect(decodeBase64(` ${text}\n`)).toEqual(bytes);
  });
});

describe("the content of a page", () => {
  const content = {
    name: "mails",
    task: new Map([
      ["task.json", bytesOf("{}")],
      ["head.onnx", new Uint8Array(2000).fill(7)],
    ]),
    base: new Map([
      ["__proto__", bytesOf("a file of that name")],
      ["base x/model.onnx", bytesOf("weights")],
    ]),
    wasm: new Uint8Array(5000),
  };

  it("comes out as it went in, whatever the files are called, as the same bytes each time", () => {
    const archive = packPageContent(content);
    expect(packPageContent(content)).toEqual(archive);
    expect(openPageContent(archive)).toEqual(content);
    // Weights are stored, all else is compressed.
    expect(archive.length).toBeGreaterThan(2000);
    expect(archive.length).toBeLessThan(4000);
  });

  it("is refused where a part of the page is missing", () => {
    const archive = packPageContent(content);
    expect(() => openPageContent(archive.subarray(0, 1500))).toThrow(UnreadableFile);
  });
});

describe("a page", () => {
  const parts = { program: "run('</b>')", content: bytesOf("content") };

  it("holds what a user has named as text, and lets nothing else run", async () => {
    const name = "</title><script>alert(1)</script>\u202e";
    const page = await renderTaskPage({ ...parts, name }, { sha256 });
    const source = textOf(page);
    expect(isTaskPage(page)).toBe(true);
    expect(isTaskPage(bytesOf("<!doctype html><p>mine</p>"))).toBe(false);
    expect(source).toContain(
      "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\u202e</title>",
    );
    const digest = createHash("sha256").update(parts.program).digest("base64");
    expect(source).toContain(
      `default-src 'none'; script-src 'sha256-${digest}' 'wasm-unsafe-eval'`,
    );
    const [, held] = new RegExp(`id="${CONTENT_ID}">([^<]*)</script>`).exec(source)!;
    expect(decodeBase64(held!)).toEqual(parts.content);
    expect(source).not.toMatch(/https?:/);
  });

  it.each(["'</script>'", "'<!--'"])("is not made of a program that says %s", async (program) => {
    const page = renderTaskPage({ ...parts, program, name: "a" }, { sha256 });
    await expect(page).rejects.toThrow("ends the element");
  });
});

describe("what is read when a base is opened", () => {
  const files = new Map([
    ["/home/me/how.json", "how"],
    ["/home/me/tokens.json", "tokens"],
  ]);
  const host: BaseHost = {
    sha256,
    readBaseFile: async (base, name) => bytesOf(`${base}/${name}`),
    files: {
      read: async (place) => {
        const found = files.get(place);
        if (found === undefined) throw new UnreadableFile("it is missing");
        return bytesOf(found);
      },
      beside: (place, name) => place.replace(/[^/]*$/, name),
      readModel: (_, unreadable) => Promise.reject(unreadable(new UnreadableFile("none"))),
    },
  };

  it("can be read again without the host", async () => {
    const recorder = new BaseRecorder(host);
    const read = async ({ readBaseFile, files }: Pick<BaseHost, "readBaseFile" | "files">) => [
      textOf(await readBaseFile("minilm-l6", "spec.json")),
      textOf(await files.read("/home/me/how.json")),
      textOf(await files.read(files.beside("/home/me/how.json", "tokens.json"))),
    ];
    const first = await read({
      readBaseFile: (base, name) => recorder.readBaseFile(base, name),
      files: recorder.files,
    });
    expect(first).toEqual(["minilm-l6/spec.json", "how", "tokens"]);
    const again = replayBase(recorder.recorded);
    expect(await read(again)).toEqual(first);
    await expect(again.readBaseFile("minilm-l6", "model.onnx")).rejects.toThrow("missing");
  });
});
