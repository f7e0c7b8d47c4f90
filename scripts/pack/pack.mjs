// Makes the tarballs of everything that is published: the workspace packages with their final manifests,
// and the packages that bring ONNX Runtime (runtimes.mjs). What is tried by scripts/try-install and what
// is published are these files, so nothing is published from the folders of the workspace.
//
//   node scripts/pack/pack.mjs [folder] [--this-platform]
//
// The folder, `packs` by default, is emptied first. With --this-platform, native libraries are packed for
// this computer only. Run `npm run build` before.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stageWeb } from "../web/pack.mjs";
import { buildTaskPage } from "../web/task-page.mjs";
import { noticesOf } from "./bundle.mjs";
import { publishedManifest } from "./manifest.mjs";
import { platformsToPack } from "./platforms.mjs";
import { makePredictPackage } from "./predict-package.mjs";
import { bundleProgram } from "./program.mjs";
import { makeNativeRuntime, makeWasmRuntime } from "./runtimes.mjs";
import { ROOT, readJson, workspaces } from "./workspaces.mjs";

/**
 * Packs everything.
 *
 * @param {string} folder Is emptied first.
 * @param {{ thisPlatform?: boolean }} options
 * @returns {Promise<Map<string, string>>} The path of each package's tarball by its name.
 */
export async function pack(folder, { thisPlatform = false } = {}) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const stage = mkdtempSync(join(tmpdir(), "engraft-pack-"));
  try {
    const staged = [
      ...(await stageWorkspaces(stage)),
      await stagePredict(stage),
      ...(await stageRuntimes(stage, platformsToPack(thisPlatform))),
    ];
    const packed = npmPack(["--pack-destination", folder, ...staged]);
    return new Map(packed.map(({ name, filename }) => [name, join(folder, filename)]));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Copies what npm would pack of each workspace package, and completes it. */
async function stageWorkspaces(stage) {
  const packages = workspaces();
  const names = packages.flatMap(({ name }) => ["--workspace", name]);
  const listed = new Map(npmPack(["--dry-run", ...names]).map((each) => [each.name, each.files]));
  const staged = packages.map((workspace) => {
    const { name, folder } = workspace;
    const target = join(stage, folder);
    for (const { path } of listed.get(name)) {
      cpSync(join(ROOT, folder, path), join(target, path));
    }
    if (!existsSync(join(target, "LICENSE"))) {
      cpSync(join(ROOT, "LICENSE"), join(target, "LICENSE"));
    }
    const manifest = publishedManifest(workspace);
    writeFileSync(join(target, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
    return target;
  });
  await stageProgram(join(stage, "packages/engraft"));
  await stageWeb(join(stage, "packages/web"));
  return staged;
}

async function stageProgram(folder) {
  const bin = join(folder, "bin");
  rmSync(bin, { recursive: true });
  await bundleProgram(bin);
  const modules = await buildTaskPage(join(folder, "dist/task-page.txt"));
  writeFileSync(join(folder, "dist/ThirdPartyNotices.txt"), noticesOf(modules));
}

async function stagePredict(stage) {
  const folder = join(stage, "predict");
  await makePredictPackage(folder, workspaces());
  return folder;
}

async function stageRuntimes(stage, platforms) {
  const wasm = join(stage, "runtimes/wasm");
  const folders = [wasm];
  await makeWasmRuntime(wasm);
  for (const platform of platforms) {
    const target = join(stage, "runtimes", `${platform.os}-${platform.cpu}`);
    await makeNativeRuntime(platform, target);
    folders.push(target);
  }
  return folders;
}

function npmPack(args) {
  const printed = execFileSync("npm", ["pack", "--json", "--ignore-scripts", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    shell: process.platform === "win32",
  });
  return JSON.parse(printed);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2);
  const folder = resolve(words.find((word) => !word.startsWith("--")) ?? "packs");
  const packed = await pack(folder, { thisPlatform: words.includes("--this-platform") });
  for (const path of packed.values()) console.log(path);
  console.log(
    `Packed ${packed.size} packages of Engraft ${readJson(join(ROOT, "packages/engraft/package.json")).version}.`,
  );
}
