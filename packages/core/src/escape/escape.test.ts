import { execFileSync } from "node:child_process";
import { fc, test } from "@fast-check/vitest";
import { parse } from "csv-parse/sync";
import MarkdownIt from "markdown-it";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { HOSTILE_TEXTS, hostileText } from "../../test/hostile-text.js";
import {
  csvRow,
  fromCsvCell,
  markdownCode,
  markdownText,
  printableJson,
  shellWord,
  sourceString,
  visible,
  visibleFlow,
  visibleLines,
} from "./index.js";

const SETTINGS = { seed: 20261130, numRuns: 200 };
/** Written with its own words, not with those of the code that is tested. */
const HIDDEN =
  /\p{Control}|\p{Surrogate}|[\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]/u;

/** Checks known hostile texts, then drawn ones. */
function holds(name: string, property: (text: string) => void): void {
  test.prop([fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), hostileText)], {
    ...SETTINGS,
    examples: HOSTILE_TEXTS.map((text): [string] => [text]),
  })(name, property);
}

/** The value of a string literal of Python, by the grammar of its escapes. */
function readPython(literal: string): string {
  const inner = literal.slice(1, -1);
  expect(inner).toMatch(/^(?:[^"\\\n\r]|\\(?:["\\nrt]|x[\da-f]{2}|u[\da-f]{4}))*$/);
  return inner.replace(/\\(["\\nrt]|x..|u....)/g, (_, written: string) => {
    const short = { n: "\n", r: "\r", t: "\t" }[written];
    return (
      short ??
      (written.length === 1 ? written : String.fromCharCode(Number(`0x${written.slice(1)}`)))
    );
  });
}

describe("a source literal", () => {
  holds("is one string of JavaScript and of Python", (text) => {
    const literal = sourceString(text);
    expect(literal).not.toMatch(HIDDEN);
    const source = ts.createSourceFile("x.mjs", `f(${literal});`, ts.ScriptTarget.ESNext);
    const [statement, ...others] = source.statements;
    expect(others).toEqual([]);
    if (!statement || !ts.isExpressionStatement(statement)) throw new Error("not one statement");
    if (!ts.isCallExpression(statement.expression)) throw new Error("not a call");
    const [argument, ...more] = statement.expression.arguments;
    expect(more).toEqual([]);
    if (!argument || !ts.isStringLiteral(argument)) throw new Error("not a string");
    expect(argument.text).toBe(text);
    expect(readPython(literal)).toBe(text);
  });
});

describe("JSON for a terminal", () => {
  holds("is the same value, and shows what it holds", (text) => {
    const json = printableJson({ [`key ${text}`]: [text] });
    expect(json).not.toMatch(HIDDEN);
    expect(JSON.parse(json)).toEqual({ [`key ${text}`]: [text] });
  });
});

describe("text that is shown", () => {
  holds("has no hidden character", (text) => {
    expect(visible(text)).not.toMatch(HIDDEN);
    expect(visibleLines(text).replaceAll("\n", "")).not.toMatch(HIDDEN);
    expect(visibleLines(text).split("\n")).toHaveLength(text.split("\n").length);
    expect(visibleFlow(text).replace(/[\n\r\t]/g, "")).not.toMatch(HIDDEN);
  });

  it("shows each hidden character by its code and leaves writing systems alone", () => {
    expect(visible("\0\t\n\r\x1b\x7f\x9b\u2028\u202e\u200b\ufeff\ud800")).toBe(
      "\\x00\\t\\n\\r\\x1b\\x7f\\u009b\\u2028\\u202e\\u200b\\ufeff\\ud800",
    );
    const writing = "C:\\übung 日本語 مرحبا न‍म 👩‍👩‍👧";
    expect(visible(writing)).toBe(writing);
  });
});

type Markdown = ReturnType<typeof MarkdownIt>;
const commonmark = new MarkdownIt({ html: true });
const github = new MarkdownIt("default", { html: true, linkify: true });

/** The inline tokens of the only block of a page. */
function inlineOf(markdown: Markdown, page: string) {
  const [open, inline, close, ...others] = markdown.parse(page, {});
  expect([open?.type, inline?.type, close?.type, others.length]).toEqual([
    "paragraph_open",
    "inline",
    "paragraph_close",
    0,
  ]);
  return inline!.children!;
}

/**
 * The text of tokens that may be text, code in backticks, `<code>`, and addresses that a reader of its
 * own accord makes a link of.
 */
function textOf(tokens: ReturnType<typeof inlineOf>): string {
  return tokens
    .map(({ type, content, markup }) => {
      if (markup === "linkify") return "";
      if (type === "html_inline") expect(content).toMatch(/^<\/?code>$/);
      else expect(["text", "text_special", "code_inline"]).toContain(type);
      return type === "html_inline" ? "" : content;
    })
    .join("");
}

describe("Markdown", () => {
  holds("shows code as it is", (text) => {
    for (const markdown of [commonmark, github]) {
      const tokens = inlineOf(markdown, `of ${markdownCode(text)}, and`);
      expect(textOf(tokens)).toBe(`of ${visible(text)}, and`);
    }
  });

  holds("shows code in a cell of a table as it is", (text) => {
    const page = `| a | b |\n| --- | --- |\n| ${markdownCode(text)} | ${markdownCode("next")} |`;
    const tokens = github.parse(page, {});
    expect(tokens.filter(({ type }) => type === "td_open")).toHaveLength(2);
    const cell = tokens.filter(({ type }) => type === "inline")[2]!;
    // A cell is trimmed by its table.
    expect(textOf(cell.children!)).toBe(visible(text));
  });

  holds("shows running text as it is", (text) => {
    for (const markdown of [commonmark, github]) {
      expect(textOf(inlineOf(markdown, `${markdownText(text)}. End`))).toBe(
        `${visible(text)}. End`,
      );
    }
  });
});

describe("CSV", () => {
  holds("gives the same text back", (drawn) => {
    // A file of UTF-8 has no halves of pairs.
    const text = Buffer.from(drawn).toString();
    const [[cell, next]] = parse(csvRow([text, "next"]), { relax_quotes: false }) as [string[]];
    expect(next).toBe("next");
    expect(fromCsvCell(cell!)).toBe(text);
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"],
    ["-2+3", "'-2+3"],
    ["\t=1", "'\t=1"],
    ["'=1", "''=1"],
    ["-1", "-1"],
    ["+1.5", "+1.5"],
    ["-1e5", "-1e5"],
    ["spam", "spam"],
    ["'tis", "'tis"],
    ['a "b", c', '"a ""b"", c"'],
  ])("writes %j as %s", (text, cell) => {
    expect(csvRow([text])).toBe(cell);
  });
});

describe("a word of a shell", () => {
  it("is one argument, as it was", () => {
    // The operating system passes neither NUL nor halves of pairs.
    const texts = [...HOSTILE_TEXTS, ...fc.sample(hostileText, SETTINGS)].filter(
      (text) => !text.includes("\0") && !/\p{Surrogate}/u.test(text),
    );
    const script = `printf '%s\\0' ${texts.map(shellWord).join(" ")}`;
    const shown = execFileSync("bash", ["-c", script], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    expect(shown.split("\0").slice(0, -1)).toEqual(texts);
    expect(script).not.toMatch(HIDDEN);
  });
});
