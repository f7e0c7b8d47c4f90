import { EngraftError, UsageError } from "@engraft/core/errors";
import {
  NATIVE_PLATFORMS,
  nativePackage,
  RUNTIME_VERSION,
  WASM_PACKAGE,
} from "./native-platforms.js";
import type { RuntimeFailure } from "./runtime-candidates.js";

/** No ONNX Runtime could be loaded: none is installed, or none fits the platform. */
export class RuntimeMissingError extends EngraftError {
  readonly code = "runtime/missing";
}

/** The error where nothing could be loaded. */
export function runtimeMissing(failures: readonly RuntimeFailure[]): EngraftError {
  if (failures.length === 0) {
    return new UsageError(
      `ENGRAFT_RUNTIME is "${process.env.ENGRAFT_RUNTIME}". It can be native, wasm, or the name of a package: ` +
        `${nativePackage()}, onnxruntime-node, ${WASM_PACKAGE} or onnxruntime-web.`,
    );
  }
  const tried = failures.map(({ module, error }) => `${module}: ${reasonOf(module, error)}`);
  return new RuntimeMissingError(
    `ONNX Runtime could not be loaded on ${platformName()}. ${tried.join("; ")}. ` +
      `Install it with: npm install ${hasNativeLibrary() ? nativePackage() : WASM_PACKAGE}@${RUNTIME_VERSION}`,
    { cause: failures[0]?.error },
  );
}

/** Why models run on WebAssembly, and what to do about it. */
export function slowRuntimeWarning(failures: readonly RuntimeFailure[]): string {
  return (
    "Models run on WebAssembly, several times slower than on the native ONNX Runtime. " +
    `${whyNotNative(failures)}. To use WebAssembly without this warning, set ENGRAFT_RUNTIME=wasm.`
  );
}

/** Why there is no native runtime, and how to get it where there can be one. Without the last full stop. */
export function whyNotNative(failures: readonly RuntimeFailure[]): string {
  const natives = failures.filter(({ kind }) => kind === "native");
  const broken = natives.find(({ module, error }) => !isNotInstalled(module, error));
  if (broken !== undefined) {
    return `${broken.module} could not be loaded (${reasonOf(broken.module, broken.error)})`;
  }
  if (!hasNativeLibrary()) return `There is no native library for ${platformName()}`;
  return `${nativePackage()} is not installed. Install it with: npm install ${nativePackage()}@${RUNTIME_VERSION}`;
}

/** Whether there is a native library that this process could load. */
export function hasNativeLibrary(): boolean {
  const { platform, arch } = process;
  return NATIVE_PLATFORMS.some(({ os, cpu }) => os === platform && cpu === arch) && !isMusl();
}

/** Such as `linux-x64`, or `linux-x64 with musl`. */
export function platformName(): string {
  const musl = isMusl() ? " with musl" : "";
  return `${process.platform}-${process.arch}${musl}`;
}

/** Whether a package is missing, rather than broken. */
export function isNotInstalled(module: string, error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  const isMissing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
  return isMissing && error.message.includes(`'${module}'`);
}

/** In a few words: the first line of what the system says. */
function reasonOf(module: string, error: unknown): string {
  if (isNotInstalled(module, error)) return "not installed";
  const [line = ""] = String(error instanceof Error ? error.message : error).split("\n");
  return line.replace(/\.$/, "");
}

/** Linux with another C library than the one that native libraries are built for. */
function isMusl(): boolean {
  if (process.platform !== "linux") return false;
  // Other programs than Node that run JavaScript may lack it.
  const report = process.report?.getReport() as Partial<Report> | undefined;
  return report?.header !== undefined && report.header.glibcVersionRuntime === undefined;
}

interface Report {
  readonly header: { readonly glibcVersionRuntime?: string };
}
