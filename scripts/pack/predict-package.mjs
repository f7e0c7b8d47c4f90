// Makes the package @engraft/predict: the entry engraft/predict with all that it needs in one piece, for
// functions. Installed with ONNX Runtime as WebAssembly and one base model it takes less than 60 MB.
// What differs from computer to computer or from task to task stays a package of its own: base models,
// native libraries and the decoder of images, which are installed beside it where they are wanted.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import {
  NATIVE_PLATFORMS,
  nativePackage,
  RUNTIME_VERSION,
  WASM_PACKAGE,
} from "../../packages/engraft/dist/host/native-platforms.js";
import { publishedFields } from "./manifest.mjs";
import { ROOT, readJson } from "./workspaces.mjs";

const HOME = join(ROOT, "packages/engraft");

/** Makes the package in a folder, with the base models of a workspace as optional peers. */
export async function makePredictPackage(folder, workspaces) {
  const dist = join(folder, "dist");
  mkdirSync(dist, { recursive: true });
  const bundled = await rolldown({
    input: { index: join(HOME, "dist/predict.js"), ...threadEntries(join(HOME, "dist/host")) },
    platform: "node",
    external: [/^sharp$/, /^onnxruntime-/, /^@engraft\/(?:runtime|model)-/],
  });
  const { output } = await bundled.write({
    dir: dist,
    format: "esm",
    minify: true,
    chunkFileNames: "[name]-[hash].js",
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await bundled.close();
  cpSync(join(HOME, "dist/predict.d.ts"), join(dist, "index.d.ts"));
  cpSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  const modules = output.flatMap((chunk) => ("moduleIds" in chunk ? chunk.moduleIds : []));
  writeFileSync(join(folder, "ThirdPartyNotices.txt"), noticesOf(modules));
  const manifest = manifestOf(workspaces);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  writeFileSync(join(folder, "README.md"), readme(manifest));
}

/** What threads begin with: it has to lie beside the code that starts them, under its own name. */
function threadEntries(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith("-worker.js"));
  return Object.fromEntries(names.map((name) => [name.replace(/\.js$/, ""), join(folder, name)]));
}

/** The licences of the packages that are in the bundle. */
function noticesOf(modules) {
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

function manifestOf(workspaces) {
  const { version, license, engines, dependencies } = readJson(join(HOME, "package.json"));
  const bases = workspaces.filter(({ folder }) => folder.startsWith("models/"));
  const peers = {
    ...Object.fromEntries(bases.map(({ name, manifest }) => [name, manifest.version])),
    ...Object.fromEntries(
      NATIVE_PLATFORMS.map(({ os, cpu }) => [nativePackage(os, cpu), RUNTIME_VERSION]),
    ),
    "onnxruntime-node": "*",
    sharp: dependencies.sharp,
  };
  return {
    name: "@engraft/predict",
    version,
    description:
      "Predicts with tasks that Engraft has trained, from a small install: for functions.",
    license,
    type: "module",
    sideEffects: false,
    engines,
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./package.json": "./package.json",
    },
    dependencies: { [WASM_PACKAGE]: RUNTIME_VERSION },
    peerDependencies: peers,
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(peers).map((name) => [name, { optional: true }]),
    ),
    ...publishedFields("packages/engraft"),
  };
}

function readme({ name, description }) {
  return `# ${name}

${description} It is the entry \`engraft/predict\` of [engraft](https://www.npmjs.com/package/engraft) in one piece.

\`\`\`sh
npm install ${name} @engraft/model-minilm-l6
\`\`\`

\`\`\`ts
import { loadTask } from "${name}";

const task = await loadTask("mails.engraft");
const { label, probability } = await task.predict("Win a free cruise!!!");
\`\`\`

Install the base model that your task was trained on. Models run on WebAssembly; for several times the speed add the native library of your platform, such as \`@engraft/runtime-linux-x64\`. Tasks on images need \`sharp\` too.

Apache-2.0.
`;
}
