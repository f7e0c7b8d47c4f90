/** A block of code in Markdown, with the comments that stand directly above it. */
const BLOCK = /((?:<!--(?:(?!-->)[\s\S])*-->\s*)*)^```ts\n([\s\S]*?)^```$/gm;

/**
 * The programs of a page: its `ts` blocks, each a module of its own.
 *
 * @param page - Path of the page from the root of the repository.
 * @param text - Its content.
 */
export function programsOf(page, text) {
  return Array.from(text.matchAll(BLOCK), ([whole, comments, code], index) => {
    const line = text.slice(0, text.indexOf(whole)).split("\n").length;
    const around = (when) =>
      Array.from(
        comments.matchAll(new RegExp(`<!--\\s*${when}:([\\s\\S]*?)-->`, "g")),
        ([, lines]) => lines.trim(),
      );
    return {
      name: `${page.replace(/\.md$/, "").replaceAll(/[^A-Za-z0-9]+/g, "-")}-${index + 1}`,
      where: `${page}:${line}`,
      isRun: !/<!--\s*types only:/.test(comments),
      // `export {}` makes a module of a block without imports, so that it may await.
      source: [...around("before"), code, ...around("after"), "export {};", ""].join("\n"),
    };
  });
}
