/** The version of ONNX Runtime that Engraft is tested with; its packages have the same. */
export const RUNTIME_VERSION = "1.30.0";

/** A platform for which ONNX Runtime has a native library. */
export interface NativePlatform {
  readonly os: "darwin" | "linux" | "win32";
  readonly cpu: "arm64" | "x64";
  /** The C library, where a platform has several. */
  readonly libc?: "glibc";
}

/** Each has a package, `@engraft/runtime-<os>-<cpu>`, which is made when Engraft is packed. */
export const NATIVE_PLATFORMS: readonly NativePlatform[] = [
  { os: "darwin", cpu: "arm64" },
  { os: "linux", cpu: "arm64", libc: "glibc" },
  { os: "linux", cpu: "x64", libc: "glibc" },
  { os: "win32", cpu: "arm64" },
  { os: "win32", cpu: "x64" },
];

/** The package with the native library of a platform. */
export function nativePackage(os: string = process.platform, cpu: string = process.arch): string {
  return `@engraft/runtime-${os}-${cpu}`;
}

/** The package with the WebAssembly build. */
export const WASM_PACKAGE = "@engraft/runtime-wasm";
