/** A block of code in Markdown, with the comments that stand directly above it. */
const BLOCK = /((?:<!--(?:(?!-->)[\s\S])*-->\s*)*)^```ts\n([\s\S]*?)^```$/gm;

/**
 * The programs of a page: its `ts` blocks, each a module of its own. What one takes for granted stands in
 * a comment above it, which readers of the page do not see:
 *   <!-- before: const task = await loadTask("mails.engraft"); -->
 * what has to end after it in `<!-- after: await task.close(); -->`, and `<!-- types only: why -->` above
 * a block says why it is compiled but not run.
 *
 * @param {import("./pages.mjs").Page} page
 */
export function programsOf({ path, text }) {
  return Array.from(text.matchAll(BLOCK), ({ 1: comments, 2: code, index }, n) => {
    const around = (when) =>
      Array.from(
        comments.matchAll(new RegExp(`<!--\\s*${when}:([\\s\\S]*?)-->`, "g")),
        ([, lines]) => lines.trim(),
      );
    return {
      name: `${path.replace(/\.md$/, "").replaceAll(/[^A-Za-z0-9]+/g, "-")}-${n + 1}`,
      where: `${path}:${text.slice(0, index).split("\n").length}`,
      isRun: !/<!--\s*types only:/.test(comments),
      // `export {}` makes a module of a block without imports, so that it may await.
      source: [...around("before"), code, ...around("after"), "export {};", ""].join("\n"),
    };
  });
}
