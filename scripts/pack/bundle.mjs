// Bundles compiled modules of the package engraft into one piece, with all that they import. What differs
// from computer to computer or from task to task stays a package of its own: base models, ONNX Runtime
// and the decoder of images.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { ROOT, readJson } from "./workspaces.mjs";

/** The package that is bundled. */
export const HOME = join(ROOT, "packages/engraft");

/**
 * Bundles entries, and beside them what threads begin with.
 *
 * @param {Record<string, string>} entries Paths by the names of the bundled files.
 * @param {string} dir Where to write.
 * @param {(output: readonly Chunk[]) => Group[]} [groupsOf] Which modules to put into files of their own,
 *   of a bundle without such groups.
 * @returns {Promise<string>} The licences of the packages that are in the bundle.
 *
 * @typedef {import("rolldown").OutputChunk} Chunk
 * @typedef {import("rolldown").CodeSplittingGroup} Group
 */
export async function bundle(entries, dir, groupsOf) {
  const build = await rolldown({
    input: { ...entries, ...threadEntries(join(HOME, "dist/host/workers")) },
    platform: "node",
    external: [/^sharp$/, /^onnxruntime-/, /^@engraft\/(?:runtime|model)-/],
    // Some modules are loaded late by one entry, and at once by another.
    checks: { ineffectiveDynamicImport: false },
  });
  try {
    const groups = groupsOf?.(chunksOf(await build.generate(OUTPUT)));
    const { output } = await build.write({ ...OUTPUT, dir, ...(groups && splitInto(groups)) });
    return noticesOf(chunksOf({ output }).flatMap(({ moduleIds }) => moduleIds));
  } finally {
    await build.close();
  }
}

/** Names of classes and functions are kept: errors are told by theirs. */
const OUTPUT = {
  format: "esm",
  minify: { compress: true, mangle: false, codegen: true },
  chunkFileNames: "[name]-[hash].js",
  comments: { legal: true, annotation: false, jsdoc: false },
};

function splitInto(groups) {
  return { codeSplitting: { groups } };
}

function chunksOf({ output }) {
  return output.filter((file) => file.type === "chunk");
}

/** What threads begin with: it has to lie beside the code that starts them, under its own name. */
function threadEntries(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith("-worker.js"));
  return Object.fromEntries(names.map((name) => [name.replace(/\.js$/, ""), join(folder, name)]));
}

/** The licences of the packages that some modules are of. @param {string[]} modules Their paths. */
export function noticesOf(modules) {
  const folders = modules.flatMap((id) => {
    const inside = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id);
    return inside === null ? [] : inside;
  });
  const texts = [...new Set(folders)]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((folder) => {
      const { name, version, license } = readJson(join(folder, "package.json"));
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8").trim();
      return `${name} ${version}, ${license}\n\n${text}\n`;
    });
  return `This package contains the code of these packages:\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}
