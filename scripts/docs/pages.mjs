import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import markdownIt from "markdown-it";

/** Of the repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Folders of pages for users and contributors; those of dependencies and generated ones are left out. */
const FOLDERS = ["docs", "packages", "models", "examples", "bench", "conformance", "fuzz"];
const LEFT_OUT = /(?:^|\/)(?:node_modules|dist|docs\/api)\//;

/**
 * A page of the documentation.
 *
 * @typedef {object} Page
 * @property {string} path From the root of the repository.
 * @property {string} text
 * @property {import("markdown-it").Token[]} tokens
 */

/** Reads a page. */
export function readPage(path) {
  const text = readFileSync(join(ROOT, path), "utf8");
  return { path, text, tokens: markdownIt({ html: true }).parse(text, {}) };
}

/** Every page: those in the root of the repository, and those below {@link FOLDERS}. */
export function allPages() {
  const below = (folder, recursive) =>
    readdirSync(join(ROOT, folder), { recursive, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
      .filter((path) => !LEFT_OUT.test(path));
  return [...below(".", false), ...FOLDERS.flatMap((folder) => below(folder, true))].map(readPage);
}

/** The tokens of a page, those inside of paragraphs and headings among them, each with its line. */
export function flatTokens({ tokens }) {
  return tokens.flatMap((token) => {
    const line = (token.map?.[0] ?? 0) + 1;
    return [token, ...(token.children ?? [])].map((each) => ({ token: each, line }));
  });
}
