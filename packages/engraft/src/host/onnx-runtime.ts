import type { OrtModule } from "@engraft/core";
import "./no-telemetry.js";

/** Loads the native ONNX Runtime of this platform. */
export async function loadOnnxRuntime(): Promise<OrtModule> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    const { RuntimeMissingError } = await import("./runtime-missing.js");
    throw new RuntimeMissingError(
      `ONNX Runtime could not be loaded on ${process.platform}-${process.arch}. ` +
        "onnxruntime-node 1.30 has libraries for Linux (x64, arm64), macOS (arm64) and Windows " +
        "(x64, arm64). Reinstall it with: npm install onnxruntime-node@1.30.0",
      { cause },
    );
  }
}
