// Makes the package @engraft/predict: the entry engraft/predict with all that it needs in one piece, for
// functions. Installed with ONNX Runtime as WebAssembly and one base model it takes less than 60 MB.
// Base models, native libraries and the decoder of images are installed beside it where they are wanted.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  NATIVE_PLATFORMS,
  nativePackage,
  RUNTIME_VERSION,
  WASM_PACKAGE,
} from "../../packages/engraft/dist/host/runtime/native-platforms.js";
import { bundle, HOME } from "./bundle.mjs";
import { publishedFields } from "./manifest.mjs";
import { ROOT, readJson } from "./workspaces.mjs";

/** Makes the package in a folder, with the base models of a workspace as optional peers. */
export async function makePredictPackage(folder, workspaces) {
  const dist = join(folder, "dist");
  mkdirSync(dist, { recursive: true });
  const notices = await bundle({ index: join(HOME, "dist/predict.js") }, dist);
  cpSync(join(HOME, "dist/predict.d.ts"), join(dist, "index.d.ts"));
  cpSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  writeFileSync(join(folder, "ThirdPartyNotices.txt"), notices);
  const manifest = manifestOf(workspaces);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  writeFileSync(join(folder, "README.md"), readme(manifest));
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
