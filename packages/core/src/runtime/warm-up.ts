import type { OrtModule } from "./ort.js";

/** An ONNX model that gives its one number back, as hexadecimal: the codec is not loaded for it. */
export const IDENTITY_MODEL: string =
  "08081207656e67726166741a0042040a0010113a3b0a140a01781201791a0022084964656e746974" +
  "793a001201675a0f0a0178120a0a08080112040a020801620f0a0179120a0a08080112040a020801";

/**
 * Starts what ONNX Runtime starts with its first session, its environment, which takes some 50 ms: better
 * while a model is still being read than once it has arrived.
 *
 * @returns The same module.
 */
export async function warmedUp(ort: OrtModule): Promise<OrtModule> {
  const bytes = Uint8Array.from(IDENTITY_MODEL.match(/../g)!, (byte) => Number.parseInt(byte, 16));
  // Level 4: it says nothing.
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  await session.release();
  return ort;
}
