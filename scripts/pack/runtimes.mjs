// Makes the packages that bring ONNX Runtime: one for each native platform, and one with the
// WebAssembly build for Node.
//
// onnxruntime-node is one package of 288 MB with the libraries of all platforms, and its install script
// downloads CUDA libraries, which fails an install that reaches npm alone. The packages made here hold
// the same libraries, byte by byte, of one platform, and have no install script: the package manager
// picks one by `os`, `cpu` and `libc`. The JavaScript is that of onnxruntime-node, onnxruntime-web and
// onnxruntime-common, bundled into one file. The version is ONNX Runtime's.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import {
  nativePackage,
  RUNTIME_VERSION,
  WASM_PACKAGE,
} from "../../packages/engraft/dist/host/runtime/native-platforms.js";
import { publishedFields } from "./manifest.mjs";
import { libraryOf } from "./platforms.mjs";
import { readJson } from "./workspaces.mjs";

const require = createRequire(import.meta.url);
const NOTICES = fileURLToPath(new URL("onnxruntime", import.meta.url));
const NODE = packageFolder("onnxruntime-node");
const WEB = packageFolder("onnxruntime-web");

/** What the modules made here export: that which Engraft uses, and what a check of an install asks. */
const EXPORTS = "InferenceSession, Tensor, env";

const NATIVE_FILE = "./onnxruntime_binding.node";

/** Where the modules that are bundled seem to lie, so that they find the packages of this repository. */
const ENTRY = fileURLToPath(new URL("entry.mjs", import.meta.url));

/** How onnxruntime-node finds its library: by a path that is put together when it is loaded. */
const NATIVE_PATH =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a source file
  "require(`../bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`)";

const WASM_FILE = "ort-wasm-simd-threaded.wasm";

for (const folder of [NODE, WEB]) {
  const { name, version } = readJson(join(folder, "package.json"));
  if (version !== RUNTIME_VERSION) {
    throw new Error(
      `${name} is installed in version ${version}; the code names ${RUNTIME_VERSION}.`,
    );
  }
}

/** Makes the package of a native platform in a folder. */
export async function makeNativeRuntime(platform, folder) {
  const { os, cpu, libc } = platform;
  const libraries = join(NODE, "bin/napi-v6", os, cpu);
  mkdirSync(folder, { recursive: true });
  for (const file of [NATIVE_FILE, libraryOf(platform)]) {
    cpSync(join(libraries, file), join(folder, file));
  }
  await bundle({
    entry: `export { ${EXPORTS}, listSupportedBackends } from "onnxruntime-node";`,
    replace: { [NATIVE_PATH]: `require("${NATIVE_FILE}")` },
    file: join(folder, "index.js"),
  });
  writePackage(folder, {
    name: nativePackage(os, cpu),
    description: `ONNX Runtime ${RUNTIME_VERSION} for ${os} ${cpu}, as Engraft uses it.`,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    source: "onnxruntime-node",
  });
}

/** Makes the package of the WebAssembly build in a folder. It is compressed: unpacked it is 14 MB. */
export async function makeWasmRuntime(folder) {
  mkdirSync(folder, { recursive: true });
  const wasm = readFileSync(join(WEB, "dist", WASM_FILE));
  writeFileSync(join(folder, `${WASM_FILE}.gz`), gzipSync(wasm, { level: 9 }));
  cpSync(
    join(WEB, "dist", WASM_FILE.replace(/wasm$/, "mjs")),
    join(folder, WASM_FILE.replace(/wasm$/, "mjs")),
  );
  await bundle({
    entry: `
      import { readFileSync } from "node:fs";
      import { gunzipSync } from "node:zlib";
      import { env } from "onnxruntime-web";
      const file = new URL("./${WASM_FILE}.gz", import.meta.url);
      env.wasm.wasmBinary = gunzipSync(readFileSync(file));
      export { ${EXPORTS} } from "onnxruntime-web";`,
    file: join(folder, "index.js"),
  });
  writePackage(folder, {
    name: WASM_PACKAGE,
    description: `ONNX Runtime ${RUNTIME_VERSION} as WebAssembly for Node, as Engraft uses it.`,
    source: "onnxruntime-web",
  });
}

/** Bundles what a module imports into one file; what it cannot find is an error. */
async function bundle({ entry, replace = {}, file }) {
  const pending = new Set(Object.keys(replace));
  const bundled = await rolldown({
    input: ENTRY,
    platform: "node",
    onLog(level, { message }) {
      throw new Error(`${level}: ${message}`);
    },
    plugins: [
      {
        name: "engraft-runtime",
        resolveId(id) {
          if (id === ENTRY) return { id: ENTRY };
          // Lies beside the bundle.
          return id === NATIVE_FILE ? { id, external: true } : null;
        },
        load: (id) => (id === ENTRY ? entry : null),
        transform(code) {
          let changed = code;
          for (const [from, to] of Object.entries(replace)) {
            if (changed.includes(from)) pending.delete(from);
            changed = changed.replace(from, () => to);
          }
          return changed === code ? null : changed;
        },
      },
    ],
  });
  await bundled.write({
    file,
    format: "esm",
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await bundled.close();
  if (pending.size > 0)
    throw new Error(`Not found in ONNX Runtime's code: ${[...pending].join(", ")}`);
}

function writePackage(folder, { source, ...fields }) {
  const manifest = {
    ...fields,
    version: RUNTIME_VERSION,
    license: "MIT",
    type: "module",
    sideEffects: false,
    exports: {
      ".": { types: "./index.d.ts", default: "./index.js" },
      "./package.json": "./package.json",
    },
    ...publishedFields("scripts/pack"),
    engines: { node: ">=20.19" },
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  writeFileSync(join(folder, "index.d.ts"), declarations(source));
  writeFileSync(join(folder, "README.md"), readme(manifest, source));
  for (const file of ["LICENSE", "ThirdPartyNotices.txt"]) {
    cpSync(join(NOTICES, file), join(folder, file));
  }
}

/** The part of onnxruntime-common's types that Engraft uses. */
function declarations(source) {
  const native = source === "onnxruntime-node";
  return `/** The same objects as those of ${source} ${RUNTIME_VERSION}; its documentation describes them. */
export declare const InferenceSession: {
  create(model: Uint8Array, options?: Record<string, unknown>): Promise<InferenceSession>;
};
export interface InferenceSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, Tensor>): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}
export declare const Tensor: new (type: string, data: unknown, dims: readonly number[]) => Tensor;
export interface Tensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}
export declare const env: {
  readonly versions: Readonly<Record<string, string>>;${native ? "" : "\n  readonly wasm: { numThreads?: number };"}
};
${native ? "export declare function listSupportedBackends(): { name: string; bundled: boolean }[];\n" : ""}`;
}

function readme({ name, description }, source) {
  return `# ${name}

${description}

[Engraft](https://www.npmjs.com/package/engraft) installs this package where it is needed; nothing else should. Its files are those of [${source}](https://www.npmjs.com/package/${source}) ${RUNTIME_VERSION} by Microsoft, whose JavaScript was bundled into one file. It has no install script and downloads nothing.

MIT, Copyright (c) Microsoft Corporation ([LICENSE](./LICENSE)); parts by others are listed in [ThirdPartyNotices.txt](./ThirdPartyNotices.txt).
`;
}

function packageFolder(name) {
  return dirname(dirname(require.resolve(name)));
}
