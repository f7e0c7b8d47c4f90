// Makes of the compiled package @engraft/web what is published: bundles in place of its modules, and the
// files of ONNX Runtime Web. Whoever installs it gets one copy of each, and his bundler has little to do.
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noticesOf } from "../pack/bundle.mjs";
import { bundleWeb } from "./bundle.mjs";
import { bundleExtension } from "./extension.mjs";
import { buildTaskPage } from "./task-page.mjs";

/** Packages that are in the bundles; of the others the types are used. */
export const BUNDLED = ["@engraft/report", "@noble/hashes", "image-size", "onnxruntime-web"];

/** @param {string} folder Of the package, with its compiled modules. */
export async function stageWeb(folder) {
  const dist = join(folder, "dist");
  for (const name of readdirSync(dist, { recursive: true })) {
    if (/\.js(\.map)?$/.test(name)) rmSync(join(dist, name));
  }
  const chunks = [...(await bundleWeb(dist)), await bundleExtension(dist)];
  const page = await buildTaskPage(join(dist, "task-page.txt"));
  const modules = [...chunks.flatMap(({ moduleIds }) => moduleIds), ...page];
  writeFileSync(join(folder, "ThirdPartyNotices.txt"), noticesOf(modules));
}
