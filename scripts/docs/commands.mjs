import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandsFor } from "../../packages/engraft/dist/cli/commands/index.js";
import { flatTokens, ROOT, readPage } from "./pages.mjs";

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
/** Fenced blocks of what people type; in `console` it stands behind a `$`. */
const SHELL = new Set(["sh", "console"]);
const CLI_PAGE = "docs/guides/cli.md";

/** Commands of a page that the command line or `npm run` would refuse. */
export async function wrongCommands(page) {
  const problems = [];
  for (const { token, line } of flatTokens(page)) {
    const tell = (problem) => problems.push(`${page.path}:${line} ${problem}`);
    const isCode = token.type === "code_inline" || token.type === "fence";
    if (!isCode || token.info === "ts") continue;
    for (const [, name] of token.content.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)) {
      if (!(name in scripts)) tell(`names npm run ${name}, which package.json does not have`);
    }
    for (const words of invocations(token)) {
      const problem = await problemOf(words, SHELL.has(token.info));
      if (problem !== undefined) tell(`engraft ${words.join(" ")}: ${problem}`);
    }
  }
  return problems;
}

/** The words behind `engraft` in each line of a block. */
function invocations({ content, info }) {
  return content
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => info !== "console" || line.startsWith("$ "))
    .flatMap((line) => [...line.matchAll(/(?:^|[\s(])engraft ([a-z][^|;&>)]*)/g)])
    .map(([, rest]) => wordsOf(rest));
}

/** The words of a line of shell, up to a comment. */
function wordsOf(line) {
  const words = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  const end = words.findIndex((word) => word.startsWith("#"));
  return words
    .slice(0, end === -1 ? words.length : end)
    .map((word) => word.replaceAll(/["']/g, ""));
}

/** What the command line has against these words. Those that only tell of a command need no arguments. */
async function problemOf(words, isTyped) {
  const [command] = await commandsFor(words, { signal: undefined });
  if (command.name() !== words[0]) return "there is no such command";
  return isTyped ? refusal(command, words.slice(1)) : unknownOption(command, words.slice(1));
}

/** Parses without acting. */
function refusal(command, words) {
  for (const each of [command, ...command.commands]) {
    each.exitOverride().configureOutput({ writeOut() {}, writeErr() {} });
    each.action(() => {});
  }
  try {
    command.parse(words, { from: "user" });
    return undefined;
  } catch (error) {
    if (!error.code?.startsWith("commander.")) throw error;
    return error.exitCode === 0 ? undefined : error.message;
  }
}

function unknownOption(command, words) {
  const known = optionsOf(command);
  const options = words.flatMap((word) => word.match(/^\[?(--?[a-z][\w-]*)/)?.[1] ?? []);
  const unknown = options.find((option) => !known.has(option));
  return unknown === undefined ? undefined : `there is no option ${unknown}`;
}

function optionsOf(command) {
  const own = command.options.flatMap(({ long, short }) => [long, short]).filter(Boolean);
  return new Set(["--help", ...own, ...command.commands.flatMap((inner) => [...optionsOf(inner)])]);
}

/**
 * Options of commands that the reference of the command line does not name: neither the command's section
 * nor the section of another page that has "the options".
 */
export async function undocumentedOptions() {
  const commands = await commandsFor([], { signal: undefined });
  return commands.flatMap((command) => {
    const section = sectionOf(CLI_PAGE, command.name());
    const [, page] = /\[the options\]\(([\w-]+\.md)#options\)/.exec(section) ?? [];
    const rows = page === undefined ? section : sectionOf(join(dirname(CLI_PAGE), page), "Options");
    const named = new Set(["--help", ...(rows.match(/--[a-z][\w-]*/g) ?? [])]);
    const missing = [...optionsOf(command)].filter(
      (option) => option.startsWith("--") && !named.has(option),
    );
    return missing.map((option) => `${CLI_PAGE} does not name ${command.name()} ${option}`);
  });
}

function sectionOf(path, title) {
  const { text } = readPage(path);
  return text.split(/^## /m).find((section) => section.startsWith(`${title}\n`)) ?? "";
}
