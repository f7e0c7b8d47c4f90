import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DataError, UsageError } from "@engraft/core/errors";
import { textTable, visible } from "@engraft/core/escape";
import { createGraph, createModel, createNode, encodeModel, valueInfo } from "@engraft/onnx";
import { describe, expect, it, vi } from "vitest";
import { HOSTILE_TEXTS } from "../../core/test/hostile-text.js";
import { EXIT, reportError } from "../src/cli/terminal/exit.js";
import { oneLine } from "../src/cli/terminal/format.js";
import { describeSystemError } from "../src/cli/terminal/system-errors.js";
import { createTerminal } from "../src/cli/terminal/terminal.js";
import { engraftHere, writeFiles } from "./support.js";

/** What a terminal would obey, and halves of pairs; line ends are looked at by themselves. */
const OBEYED = /(?!\n)\p{Control}|\p{Surrogate}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const NASTY = "\x1b]0;title\x07\x1b[2J\x9b31m\r\nerror: ALL FINE\u2028\u202e";

/** What is written to stdout and stderr in the meantime. */
async function written(work: () => void | Promise<void>): Promise<string[]> {
  const texts: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((text) => {
      texts.push(String(text));
      return true;
    }),
  );
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return texts;
}

describe("the terminal", () => {
  const terminal = createTerminal({ quiet: false });

  it.each(HOSTILE_TEXTS)(
    "ends lines by itself and shows what would control it: %j",
    async (text) => {
      const table = textTable([text, "b"], [["a", text]]);
      const lines = await written(async () => {
        terminal.out(text, ["a", text], "", table);
        terminal.note(text);
        terminal.warn(text);
        await terminal.row(text, "0.500", text);
        await terminal.json({ [text]: text });
      });
      const all = lines.join("");
      expect(all).not.toMatch(/(?![\n\t])\p{Control}|\p{Surrogate}|[\u2028\u2029\u202a-\u202e]/u);
      expect(all.split("\n")).toHaveLength(4 + 2 + 1 + 1 + 1 + 1 + 1);
      const row = lines.at(-2)!;
      expect(row.trimEnd().split("\t").length).toBeLessThanOrEqual(3);
      expect(row.startsWith(`${visible(text)}\t0.500\t`)).toBe(true);
      expect(JSON.parse(lines.at(-1)!)).toEqual({ [text]: text });
    },
  );

  it("lines up a table by what is shown", () => {
    expect(
      textTable(
        ["label", "n"],
        [
          ["a\nb", "1"],
          ["\x1b[31m", "2"],
        ],
      ),
    ).toEqual(["label     n", "a\\nb      1", "\\x1b[31m  2"]);
  });

  it("shortens a text to one line without half a character", () => {
    expect(oneLine("a\n\tb")).toBe("a b");
    expect(oneLine("a\x1bb")).toBe("a\\x1bb");
    expect(oneLine(`${"x".repeat(78)}😀😀`)).toBe(`${"x".repeat(78)}😀😀`);
    expect(oneLine(`${"x".repeat(78)}😀😀😀`)).toBe(`${"x".repeat(78)}😀…`);
    expect(oneLine(`a${" ".repeat(10_000)}`)).toBe("a …");
    expect(oneLine("y".repeat(10_000))).toBe(`${"y".repeat(79)}…`);
  });
});

describe("an error", () => {
  it("shows what it quotes, and nothing in it looks like a message of its own", async () => {
    const path = `a/${NASTY}.png`;
    const problems = [{ where: path, what: "is an empty file" }];
    const lines = await written(() => {
      expect(reportError(new UsageError(`${path} does not exist.`))).toBe(EXIT.usage);
      expect(reportError(new DataError("data/invalid", path, { problems }))).toBe(EXIT.data);
      expect(reportError(new Error(NASTY))).toBe(EXIT.failure);
    });
    const all = lines.join("");
    expect(all).not.toMatch(OBEYED);
    expect(all.match(/^error: ALL FINE/m)).toBeNull();
    expect(all).toContain("\\x1b]0;title\\x07\\x1b[2J\\u009b31m\\r");
  });

  it("of the operating system is explained; only a defect is called one", async () => {
    const refusals: [object, RegExp][] = [
      [{ code: "ENOENT", syscall: "open", path: "a.csv" }, /^a\.csv does not exist\. Check/],
      [{ code: "EACCES", syscall: "open", path: "a" }, /^a may not be used: permission denied\./],
      [
        { code: "EROFS", syscall: "open", path: "a" },
        /^a cannot be written: the disk is read-only/,
      ],
      [{ code: "ENOENT", syscall: "mkdir", path: "a" }, /^a cannot be made: .* read-only/],
      [{ code: "ENOSPC", syscall: "write" }, /^A file cannot be written: the disk is full\. Free/],
      [{ code: "EMFILE", syscall: "open", path: "a" }, /too many files are open.*ulimit/],
      [{ code: "EISDIR", syscall: "read", path: "a" }, /^a is a folder where a file was expected/],
      [{ code: "ENOTDIR", syscall: "stat", path: "a/b" }, /^a\/b has a file in its path/],
      [{ code: "EFBIG", syscall: "write", path: "a" }, /^a is larger than/],
      [{ code: "ENOMEM", syscall: "open", path: "a" }, /^a needs more memory/],
      [{ code: "EIO", syscall: "read", path: "a" }, /the disk reports a fault/],
      [
        { code: "EADDRINUSE", syscall: "listen", address: "127.0.0.1", port: 80 },
        /^127\.0\.0\.1:80 is in use by another program\. .*--port/,
      ],
      [{ code: "ERR_FS_FILE_TOO_LARGE" }, /larger than 2 GiB/],
      [{ code: "EWEIRD", syscall: "open" }, /^the message$/],
    ];
    for (const [fields, message] of refusals) {
      const error = Object.assign(new Error("the message"), fields);
      expect(describeSystemError(error)).toMatch(message);
      const [line] = await written(() => void reportError(error));
      expect(line).toMatch(/^error: /);
    }
    expect(describeSystemError(new RangeError("Array buffer allocation failed"))).toMatch(/memory/);
    for (const defect of [
      new TypeError("x is not a function"),
      new RangeError("Invalid array length"),
      "text",
    ]) {
      expect(describeSystemError(defect)).toBeUndefined();
      const [line] = await written(() => void reportError(defect));
      expect(line).toMatch(/^internal error: [\s\S]*defect in Engraft[\s\S]*report it/);
    }
  });
});

describe("commands that are given hostile names", () => {
  it.each([["inspect"], ["summary"]])("%s shows them as text", async (command) => {
    const weight = { dtype: "float32", dims: [2, 2], data: new Float32Array(4) } as const;
    const model = createModel({
      graph: createGraph({
        nodes: [createNode("MatMul", [NASTY, `${NASTY}.weight`], ["y"])],
        inputs: [valueInfo(NASTY, "float32", [NASTY, 2])],
        outputs: [valueInfo("y", "float32", [NASTY, 2])],
        initializers: [[`${NASTY}.weight`, weight]],
      }),
    });
    const folder = await writeFiles({
      "m.onnx": encodeModel({ ...model, producer: { name: NASTY, version: "1" } }),
    });
    const plain = await engraftHere([command, join(folder, "m.onnx")]);
    expect(plain).toMatchObject({ code: 0, stderr: "" });
    expect(plain.stdout).not.toMatch(OBEYED);
    expect(plain.stdout).not.toMatch(/^error: ALL/m);
    expect(plain.stdout).toContain("\\x1b]0;title\\x07");
    const json = await engraftHere([command, join(folder, "m.onnx"), "--json"]);
    expect(json.stdout).not.toMatch(OBEYED);
    expect(JSON.stringify(JSON.parse(json.stdout))).toContain("\\u001b]0;title\\u0007");
  });

  it("train names files by escapes", async () => {
    const folder = await writeFiles({});
    for (const label of ["a", "b"]) await mkdir(join(folder, label));
    await writeFile(join(folder, "a", `\x1b[2J\x1b[31mFINE\r\n\x7f.png`), "");
    await writeFile(join(folder, "b", "b.png"), "");
    const { code, stderr } = await engraftHere(["train", folder]);
    expect(code).toBe(EXIT.data);
    expect(stderr).not.toMatch(OBEYED);
    expect(stderr).toContain("a/\\x1b[2J\\x1b[31mFINE\\r\\n\\x7f.png");
  });

  it("texts that begin with a dash are told how they are given", async () => {
    const { code, stderr } = await engraftHere(["predict", "task", "-5 refund"]);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain("unknown option '-5 refund'");
    expect(stderr).toContain('stands behind --, at the end: engraft ... -- "-5 refund"');
    const typo = await engraftHere(["predict", "task", "--jsn"]);
    expect(typo.stderr).not.toContain("stands behind --");
    const escaped = await engraftHere(["predict", "task", "--\x1b[2J"]);
    expect(escaped.stderr).not.toMatch(OBEYED);
  });
});
