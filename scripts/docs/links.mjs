import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { flatTokens, ROOT, readPage } from "./pages.mjs";

/** Links of a page to files and headings of the repository that do not exist. */
export function brokenLinks(page) {
  return flatTokens(page).flatMap(({ token, line }) => {
    const link = token.attrGet("href") ?? token.attrGet("src");
    if (link === null || /^[a-z]+:/.test(link)) return [];
    const [file, heading] = decodeURI(link).split("#");
    const path = file === "" ? page.path : join(dirname(page.path), file);
    if (!existsSync(join(ROOT, path)))
      return [`${page.path}:${line} links to ${path}: no such file`];
    if (heading === undefined || !path.endsWith(".md") || headingsOf(path).has(heading)) return [];
    return [`${page.path}:${line} links to #${heading}, which ${path} does not have`];
  });
}

/** Source files and folders, and the imports of examples, that are named from the root of the repository. */
const SOURCE = /^(?:packages|scripts|lint|docs\/internals)\/[\w./-]+$/;
const IMPORT = /from "\.\/(examples\/[^"]+)"/g;

/** Places in the repository that a page names as code and that do not exist. */
export function lostPlaces(page) {
  return flatTokens(page).flatMap(({ token, line }) => {
    const { type, content } = token;
    const named = type === "code_inline" && SOURCE.test(content) ? [content] : [];
    const imported = type === "fence" ? [...content.matchAll(IMPORT)].map(([, path]) => path) : [];
    return [...named, ...imported]
      .filter((path) => !existsSync(join(ROOT, path)))
      .map((path) => `${page.path}:${line} names ${path}, which is not there`);
  });
}

const headings = new Map();

/** The anchors that GitHub gives to the headings of a page. */
function headingsOf(path) {
  if (!headings.has(path)) headings.set(path, new Set(readPage(path).tokens.flatMap(anchorOf)));
  return headings.get(path);
}

function anchorOf(token, index, tokens) {
  if (token.type !== "heading_open") return [];
  const title = tokens[index + 1].children
    .filter(({ type }) => type === "text" || type === "code_inline")
    .map(({ content }) => content)
    .join("");
  return [
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  ];
}
