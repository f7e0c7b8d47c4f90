import type { BaseModel } from "@engraft/core";
import { sourceString, visible } from "@engraft/core/escape";
import { fc, test } from "@fast-check/vitest";
import MarkdownIt from "markdown-it";
import ts from "typescript";
import { describe, expect } from "vitest";
import { HOSTILE_TEXTS, hostileText } from "../../../core/test/hostile-text.js";
import { imageBase, textBase } from "../../../core/test/tiny-bases.js";
import type { TaskManifest } from "../format/manifest/manifest.js";
import type { InputRole } from "./export-description.js";
import { exportReadme } from "./export-readme.js";

const markdown = new MarkdownIt({ html: true });
const text = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), hostileText);
const settings = {
  seed: 20261130,
  numRuns: 25,
  examples: HOSTILE_TEXTS.map((name): [string] => [name]),
};

/** The page on a model whose inputs, sizes, labels and base have hostile names. */
function pageOf(base: BaseModel, roles: readonly InputRole[], name: string): string {
  const { spec, digest } = base;
  const labels = [name, "other"];
  const preprocessing = spec.preprocessing;
  return exportReadme({
    manifest: {
      labels,
      modality: spec.modality,
      preprocessing,
      base: { id: name, digest },
    } as unknown as TaskManifest,
    base: { ...base, spec: { ...spec, id: name, title: name, license: name, source: name } },
    inputs: roles.map((role) => ({ name: `${name}${role}`, role, type: `int64[${name}]` })),
    tokenization: { segmented: true },
    int8: false,
    version: "1.2.3",
  });
}

/** What a page consists of: its headings, its programs and the cells of its tables. */
function partsOf(page: string) {
  const tokens = markdown.parse(page, {});
  const contentsAfter = (type: string): string[] =>
    tokens.flatMap((token, at) => (token.type === type ? [tokens[at + 1]!.content] : []));
  return {
    headings: contentsAfter("heading_open"),
    cells: contentsAfter("td_open").length,
    blocks: new Set(tokens.map(({ type }) => type.replace(/_(open|close)$/, ""))),
    programs: tokens.flatMap(({ type, info, content }) =>
      type === "fence" ? [{ info, content }] : [],
    ),
  };
}

/** The errors of a program, and the strings in it. */
function readProgram(source: string): { errors: number; strings: string[] } {
  const { diagnostics } = ts.transpileModule(source, {
    reportDiagnostics: true,
    fileName: "x.mts",
    compilerOptions: { target: ts.ScriptTarget.ESNext },
  });
  const strings: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) strings.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("x.mts", source, ts.ScriptTarget.ESNext));
  return { errors: diagnostics?.length ?? 0, strings };
}

describe.each([
  ["images", imageBase, ["pixels"]],
  ["texts", textBase, ["ids", "mask", "types", "words"]],
] as const)("the page of an export for %s", (_, base, roles) => {
  const plain = partsOf(pageOf(base, roles, "plain"));
  const plainProgram = readProgram(plain.programs[3]!.content);

  test.prop([text], settings)("says the same whatever names and labels are", (name) => {
    const page = partsOf(pageOf(base, roles, name));
    expect(page.headings).toEqual(plain.headings);
    expect(page.blocks).toEqual(plain.blocks);
    expect(page.cells).toBe(plain.cells);
    expect(page.programs.map(({ info }) => info)).toEqual(["sh", "python", "sh", "js"]);
  });

  test.prop([text], settings)("has names as strings in its programs, and nothing else", (name) => {
    const [, python, , node] = partsOf(pageOf(base, roles, name)).programs;
    const { errors, strings } = readProgram(node!.content);
    expect(errors).toBe(0);
    const shown = roles.map((role) => `${name}${role}`);
    expect(strings.filter((string) => shown.includes(string))).toEqual(shown);
    expect(strings).toHaveLength(plainProgram.strings.length);
    // Everything else in the program is what it is for plain names.
    const inert = (program: string, prefix: string): string =>
      roles.reduce((code, role) => code.replace(sourceString(`${prefix}${role}`), role), program);
    expect(inert(python!.content, name)).toBe(inert(plain.programs[1]!.content, "plain"));
    expect(inert(node!.content, name)).toBe(inert(plain.programs[3]!.content, "plain"));
  });

  test.prop([text], settings)("shows labels as they are", (name) => {
    const [paragraph] = markdown
      .parse(pageOf(base, roles, name), {})
      .filter(({ type, content }) => type === "inline" && content.includes("tells which label"));
    const shown = paragraph!.children!.filter(({ type }) => type !== "html_inline");
    const line = shown.map(({ content }) => content).join("");
    expect(line).toContain(`of these labels: ${visible(name)}, other.`);
  });
});

describe("an input called __proto__", () => {
  test("is a key, not the prototype, of what the program feeds", () => {
    const page = exportReadme({
      manifest: {
        labels: ["a", "b"],
        modality: "image",
        preprocessing: imageBase.spec.preprocessing,
      } as unknown as TaskManifest,
      base: imageBase,
      inputs: [{ name: "__proto__", role: "pixels", type: "float32[batch, 3, 4, 4]" }],
      tokenization: undefined,
      int8: false,
      version: "1.2.3",
    });
    expect(page).toContain('session.run({ ["__proto__"]: pixels })');
  });
});
