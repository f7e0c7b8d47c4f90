// Builds the recipes of docs/guides/browser.md from packed tarballs, each with its bundler, and uses them in
// Chromium as a user would. Ends with an error where one does not work.
//
//   node scripts/try-bundlers/try-bundlers.mjs [recipe ...] [--packs <folder>]
//
// A recipe is named by a part of its name: `webpack`, `camera`. Only the npm registry is needed.
import { spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium as playwright } from "playwright-core";
import { ROOT } from "../pack/workspaces.mjs";
import { serveRegistry } from "../try-install/registry.mjs";
import { chromium } from "../web/chromium.mjs";
import { BUNDLERS, RECIPES } from "./recipes.mjs";
import { serveFolder } from "./serve.mjs";

const { values, positionals } = parseArgs({
  options: { packs: { type: "string" } },
  allowPositionals: true,
});
if (chromium === undefined) {
  console.error("There is no Chromium. Install it, or name its path in ENGRAFT_CHROMIUM.");
  process.exit(1);
}
const recipes = RECIPES.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);

const MAILS = `text,label
win a free cruise now,spam
cheap pills click here,spam
you won the lottery claim,spam
free money transfer today,spam
limited offer buy now,spam
are we still meeting at ten,ham
please find the minutes attached,ham
lunch on tuesday?,ham
the build is green again,ham
can you review my patch,ham
`;

const work = mkdtempSync(join(tmpdir(), "engraft-try-bundlers-"));
const modules = join(work, "node_modules");
const registry = await serveRegistry(await tarballs());
const browser = await playwright.launch({
  executablePath: chromium,
  args: [
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
  ],
});
const failures = [];
try {
  await install();
  await trainTask();
  for (const [at, recipe] of recipes.entries()) {
    const begin = performance.now();
    try {
      await tryRecipe(recipe, join(work, `recipe-${at}`));
    } catch (error) {
      failures.push(recipe.name);
      console.error(error);
    }
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.log(
      `${failures.includes(recipe.name) ? "failed" : "works"}: ${recipe.name}, ${seconds} s`,
    );
  }
} finally {
  await browser.close();
  await registry.close();
  rmSync(work, { recursive: true, force: true });
}
console.log(`${recipes.length - failures.length} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function tarballs() {
  if (values.packs === undefined) {
    const { pack } = await import("../pack/pack.mjs");
    return (await pack(join(work, "packs"), { thisPlatform: true })).values();
  }
  const folder = resolve(values.packs);
  return readdirSync(folder).map((name) => join(folder, name));
}

/** All of it in one folder, in which the recipes lie: bundlers look for packages further up. */
async function install() {
  writeFileSync(join(work, "package.json"), '{ "private": true }\n');
  writeFileSync(join(work, ".npmrc"), `@engraft:registry=${registry.url}\n`);
  const { tarballs: packed } = registry;
  const own = [...packed.keys()].filter((name) => /^@engraft\/(?:web|model-.*)$/.test(name));
  const files = [...own, "engraft"].map((name) => packed.get(name));
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...BUNDLERS, ...files];
  await run("npm", args, work);
}

/** The task that a page shows, as a user trains one. */
async function trainTask() {
  writeFileSync(join(work, "mails.csv"), MAILS);
  const args = [
    "train",
    "mails.csv",
    "--base",
    "minilm-l6-int8",
    "-o",
    "mails.engraft.zip",
    "--quiet",
  ];
  await run(join(modules, ".bin/engraft"), args, work);
}

async function tryRecipe({ example, base, build, site, prepare, hasPolicy, use }, folder) {
  cpSync(join(ROOT, "examples", example), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }\n');
  if (build !== undefined) {
    const [program, ...args] = build;
    await run(join(modules, ".bin", program), args, folder);
  }
  prepare?.(folder, modules);
  mkdirSync(join(folder, site, "engraft"), { recursive: true });
  symlinkSync(join(modules, `@engraft/model-${base}`), join(folder, site, "engraft", base));
  const server = await serveFolder(join(folder, site), hasPolicy);
  try {
    await openPage(server.address, use);
  } finally {
    await server.close();
  }
}

/** Uses a page; what it throws, or asks another server for, is a failure. */
async function openPage(address, use) {
  const page = await browser.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (!/^(?:blob|data):/.test(url) && !url.startsWith(address)) problems.push(`asked for ${url}`);
  });
  try {
    await page.goto(address);
    await use(page);
  } catch (cause) {
    const said = await page.locator("body").textContent();
    throw new Error([`The page shows: ${said}`, ...problems].join("\n"), { cause });
  } finally {
    await page.close();
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

/** Runs a program to its end, which has to be a good one. */
async function run(file, args, cwd) {
  const env = { ...process.env, ENGRAFT_CACHE: join(work, "cache"), NEXT_TELEMETRY_DISABLED: "1" };
  const child = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  const status = await new Promise((done, fail) => child.on("close", done).on("error", fail));
  if (status !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${status}:\n${output}`);
}
