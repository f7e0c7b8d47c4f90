import { EngraftError } from "@engraft/onnx";

/** ONNX Runtime's native library is not there for this platform, or cannot be loaded. */
export class RuntimeMissingError extends EngraftError {
  readonly code = "runtime/missing";
}
