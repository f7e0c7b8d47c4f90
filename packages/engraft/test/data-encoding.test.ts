import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { errorOf, rowsOf, writeFiles, writeOne } from "./data-support.js";
import { type NamedInput, readDataset, readInputs } from "./flat-reading.js";

const LATIN = "text,label\nGrüße an alle,a\nwin – now “today”,b\n";
const CYRILLIC = "text,label\nпривет всем,а\nкупите сейчас,б\n";
const CHINESE = "text,label\n今天晚上见,甲\n现在就买吧朋友们,乙\n";
const THAI = "text,label\nสวัสดีครับทุกคน,ก\nซื้อเลยตอนนี้,ข\n";
const GREEK = "text,label\nκαλημέρα,α\nαγοράστε,β\n";

const WIDE = {
  "UTF-16LE": (text: string) => Buffer.from(text, "utf16le"),
  "UTF-16BE": (text: string) => Buffer.from(text, "utf16le").swap16(),
};

/** The texts and labels of a CSV, read to be measured only. */
async function read(content: Uint8Array): Promise<(string | undefined)[][]> {
  const data = await readDataset(await writeOne("m.csv", content), { purpose: "evaluate" });
  return rowsOf(data).map(([, label, text]) => [text, label]);
}

/** What a CSV without quotes holds. */
function cells(csv: string): string[][] {
  const lines = csv.trimEnd().split("\n");
  return lines.slice(1).map((line) => line.split(","));
}

describe("an encoding", () => {
  const texts = { LATIN, CYRILLIC, CHINESE, THAI, GREEK };
  const marked = Object.entries(texts).flatMap(([script, text]) =>
    Object.entries(WIDE).map(([name, encode]) => [script, name, text, encode] as const),
  );

  it.each(marked)("of %s in %s is told by its mark", async (_, __, text, encode) => {
    expect(await read(encode(`\ufeff${text}`))).toEqual(cells(text));
  });

  it.each(marked)(
    "of %s in %s without its mark is read, or refused",
    async (script, _, text, to) => {
      if (script === "LATIN") {
        expect(await read(to(text))).toEqual(cells(text));
        return;
      }
      const error = await errorOf(await writeOne("m.csv", to(text)));
      expect(error.code).toBe("data/unreadable");
      expect(error.message).toMatch(/UTF-16 needs (a|its) byte order mark/);
    },
  );

  it.each(Object.entries(texts))("of %s in UTF-8 stays UTF-8 with a zero byte", async (_, text) => {
    const rows = cells(text);
    for (const at of [0, 1, 2, 3]) {
      const first = rows[0]!;
      const changed = `${first[0]!.slice(0, at)}\0${first[0]!.slice(at)}`;
      const csv = text.replace(first[0]!, changed);
      expect(await read(Buffer.from(csv))).toEqual([[changed, first[1]], rows[1]]);
    }
  });

  it("of text with coloured output is UTF-8", async () => {
    const text = "\x1b[31merror\x1b[0m,a\n\x1b[32mfine\x1b[0m,b\n";
    expect(await read(Buffer.from(`text,label\n${text}`))).toHaveLength(2);
  });
});

describe("one zero byte", () => {
  it.each(["a\0b cd", "ab\0 cd", "ab\0c", "\0abc def"])("leaves the text file %j", async (text) => {
    const folder = await writeFiles({ "a/1.txt": text, "a/2.txt": "x", "b/1.txt": "y" });
    const data = await readDataset(folder, { purpose: "evaluate" });
    expect(rowsOf(data)[0]).toEqual(["a/1.txt", "a", text]);
  });

  it("leaves JSON Lines as they are", async () => {
    // JSON itself does not allow the byte inside a string, so that line is reported, and no other.
    const lines =
      '{"text":"a\0b","label":"x"}\n{"text":"cd","label":"x"}\n{"text":"ef","label":"x"}\n';
    const error = await errorOf(await writeOne("m.jsonl", lines), { purpose: "evaluate" });
    expect(error.problems).toEqual([
      { where: "m.jsonl:1", what: expect.stringContaining("is not valid JSON") },
    ]);
  });

  it("leaves the lines of standard input as they are", async () => {
    const lines = "cannot open\0the app since monday\nmy card was charged\nplease help me\n";
    const given: NamedInput[] = [];
    for await (const input of readInputs(Readable.from([Buffer.from(lines)]), { modality: "text" }))
      given.push(input);
    expect(given).toEqual(
      lines
        .trimEnd()
        .split("\n")
        .map((text, i) => ({ source: `stdin:${i + 1}`, input: { kind: "text", text } })),
    );
  });
});
