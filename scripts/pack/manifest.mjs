// The manifest that a workspace package is published with: what its folder says, without what is for
// the repository alone, and with the packages of ONNX Runtime, which are made when it is packed.
import {
  NATIVE_PLATFORMS,
  nativePackage,
  RUNTIME_VERSION,
  WASM_PACKAGE,
} from "../../packages/engraft/dist/host/runtime/native-platforms.js";
import { BUNDLED } from "../web/pack.mjs";

/** The package of the workspace that loads ONNX Runtime. */
const HOME = "engraft";

/** The package whose published modules have others in them. */
const WEB = "@engraft/web";

/** @param {{ name: string, folder: string, manifest: Record<string, any> }} workspace */
export function publishedManifest({ name, folder, manifest }) {
  const { devDependencies: _, scripts: __, ...published } = manifest;
  return {
    ...published,
    ...publishedFields(folder),
    ...(name === HOME && withRuntimes(manifest)),
    ...(name === WEB && withoutBundled(manifest)),
  };
}

/** What every published manifest says, of a package whose sources are in a folder. */
export function publishedFields(folder) {
  const address = repositoryAddress();
  return {
    ...(address && { repository: { type: "git", url: address, directory: folder } }),
    publishConfig: { access: "public", provenance: true },
  };
}

/**
 * The WebAssembly build is always installed, and the native libraries where there are any: an optional
 * dependency that does not fit the platform is left out without a word.
 */
function withRuntimes({ dependencies = {}, optionalDependencies = {} }) {
  const natives = NATIVE_PLATFORMS.map(({ os, cpu }) => [nativePackage(os, cpu), RUNTIME_VERSION]);
  return {
    dependencies: sorted({ ...dependencies, [WASM_PACKAGE]: RUNTIME_VERSION }),
    optionalDependencies: sorted({ ...optionalDependencies, ...Object.fromEntries(natives) }),
  };
}

function withoutBundled({ dependencies, files }) {
  const left = Object.entries(dependencies).filter(([name]) => !BUNDLED.includes(name));
  return { dependencies: Object.fromEntries(left), files: [...files, "ThirdPartyNotices.txt"] };
}

/** Where the sources are: provenance names the repository whose workflow packs them. */
function repositoryAddress() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
  return server && repository ? `git+${server}/${repository}.git` : undefined;
}

function sorted(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
