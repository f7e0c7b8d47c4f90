// Writes a software bill of materials in the CycloneDX format: what an install of Engraft consists of,
// from the lockfile, without what only the development of this repository needs; and ONNX Runtime, whose
// libraries come in the packages that scripts/pack/runtimes.mjs makes.
//
//   node scripts/pack/sbom.mjs [file]     sbom.cdx.json by default
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  NATIVE_PLATFORMS,
  nativePackage,
  RUNTIME_VERSION,
  WASM_PACKAGE,
} from "../../packages/engraft/dist/host/runtime/native-platforms.js";
import { ROOT } from "./workspaces.mjs";

const file = resolve(process.argv[2] ?? "sbom.cdx.json");
const args = ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "library", "--omit", "dev"];
const sbom = JSON.parse(
  execFileSync("npm", [...args, "--package-lock-only", "--workspaces"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    shell: process.platform === "win32",
  }),
);
const natives = NATIVE_PLATFORMS.map(({ os, cpu }) => nativePackage(os, cpu));
sbom.components.push(...[WASM_PACKAGE, ...natives].map(runtimeComponent));
writeFileSync(file, `${JSON.stringify(sbom, undefined, 2)}\n`);
console.log(`${file}: ${sbom.components.length} components.`);

function runtimeComponent(name) {
  const purl = `pkg:npm/${encodeURIComponent(name).replace("%2F", "/")}@${RUNTIME_VERSION}`;
  return {
    "bom-ref": `${name}@${RUNTIME_VERSION}`,
    type: "library",
    name,
    version: RUNTIME_VERSION,
    supplier: { name: "Microsoft Corporation" },
    licenses: [{ license: { id: "MIT" } }],
    purl,
  };
}
