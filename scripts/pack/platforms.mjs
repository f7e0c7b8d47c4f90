// Which files of onnxruntime-node a program needs to run models on the processor, by platform.
import { NATIVE_PLATFORMS } from "../../packages/engraft/dist/host/runtime/native-platforms.js";

/**
 * Left out on Windows: DirectML.dll, dxcompiler.dll and dxil.dll. onnxruntime.dll loads them when a model
 * is to run on the graphics card, and not before; they are half of the size and have licences of their
 * own. Left out on macOS: the second copy of the same library under another name.
 */
const LIBRARY = {
  darwin: "libonnxruntime.1.dylib",
  linux: "libonnxruntime.so.1",
  win32: "onnxruntime.dll",
};

/** The library of a platform, to which the binding for Node refers by name. */
export function libraryOf({ os }) {
  return LIBRARY[os];
}

/** All platforms, or that of this computer: none, where it has no native library. */
export function platformsToPack(thisPlatform) {
  if (!thisPlatform) return NATIVE_PLATFORMS;
  return NATIVE_PLATFORMS.filter(({ os, cpu }) => os === process.platform && cpu === process.arch);
}
