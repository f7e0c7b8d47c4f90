// Checks that one thing has one word: none of the words in the last column of docs/glossary.md stands in
// a name, a comment or a message of the sources, or in a page of the documentation.
// A line that must have such a word, because users or other programs say it, ends with `glossary: WORD`;
// on a page it stands in backquotes.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const GLOSSARY = "docs/glossary.md";
const PLACES = ["packages", "docs", "examples", "README.md", "CONTRIBUTING.md", "SECURITY.md"];
const SKIPPED = /^(node_modules|dist|goldens|fixtures|api)$/;

const words = forbiddenWords(readFileSync(join(ROOT, GLOSSARY), "utf8"));
if (words.length === 0) throw new Error(`${GLOSSARY} names no word to avoid`);
const files = (process.argv.length > 2 ? process.argv.slice(2) : PLACES.map(inRoot)).flatMap(
  filesOf,
);
const problems = files.flatMap(check);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`Words: ${files.length} files, none of ${words.length} words to avoid.`);

/** The words in the last column of the table, each with the word to use. */
function forbiddenWords(page) {
  return page.split("\n").flatMap((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    if (cells.length !== 5) return [];
    return Array.from(cells[3].matchAll(/`([^`]+)`/g), ([, avoid]) => ({
      avoid,
      use: cells[1],
      pattern: patternOf(avoid),
    }));
  });
}

/** Finds a word by itself and as a part of a name: `pictureOf`, `maxPictures`, `PICTURE_SIZE`. */
function patternOf(word) {
  const capital = word[0].toUpperCase() + word.slice(1);
  const upper = word.toUpperCase();
  return new RegExp(
    `(?<![A-Za-z])${word}(?![a-z])|${capital}(?![a-z])|(?<![A-Za-z])${upper}(?![A-Za-z])`,
  );
}

function inRoot(path) {
  return join(ROOT, path);
}

function filesOf(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.test(entry.name)) return [];
    const inside = join(path, entry.name);
    if (entry.isDirectory()) return filesOf(inside);
    return /\.(ts|mjs|md)$/.test(entry.name) ? [inside] : [];
  });
}

function check(path) {
  const name = relative(ROOT, path);
  if (name === GLOSSARY) return [];
  const isPage = name.endsWith(".md");
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line) => (isPage ? line.replaceAll(/`[^`]*`/g, "") : line))
    .flatMap((line, index) =>
      words
        .filter(({ avoid, pattern }) => pattern.test(line) && !line.includes(`glossary: ${avoid}`))
        .map(({ avoid, use }) => `${name}:${index + 1}: "${avoid}"; the word is ${use}`),
    );
}
