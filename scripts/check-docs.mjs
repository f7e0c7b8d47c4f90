// Checks the documentation against the product: links, what people are told to type, and programs.
//
//   node scripts/check-docs.mjs [page...] [--packs folder]
//
// Without pages, all of them. Programs run against the packages as they are published: those that
// scripts/pack/pack.mjs has left in the folder, or else packed for it. Run `npm run build` before.
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { undocumentedOptions, wrongCommands } from "./docs/commands.mjs";
import { brokenLinks, lostPlaces } from "./docs/links.mjs";
import { allPages, ROOT, readPage } from "./docs/pages.mjs";
import { programsOf } from "./docs/programs.mjs";
import { failedPrograms } from "./docs/run-programs.mjs";

const { values, positionals } = parseArgs({
  options: { packs: { type: "string" } },
  allowPositionals: true,
});
const pages =
  positionals.length === 0
    ? allPages()
    : positionals.map((path) => readPage(relative(ROOT, resolve(path))));
const programs = pages.flatMap(programsOf);

const problems = await undocumentedOptions();
for (const page of pages) {
  problems.push(...brokenLinks(page), ...lostPlaces(page), ...(await wrongCommands(page)));
}
problems.push(
  ...(await failedPrograms(programs, { packs: values.packs && resolve(values.packs) })),
);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`Documentation: ${pages.length} pages, ${programs.length} programs.`);
