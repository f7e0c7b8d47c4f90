/**
 * Whether a name is one that modules give: `encoder.layer.0.attention.query.weight`, parts joined by
 * dots.
 */
export function isParameterName(name: string): boolean {
  const plain = withoutCast(name);
  const hasParts = plain.includes(".") && !plain.startsWith(".") && !plain.endsWith(".");
  return hasParts && !plain.includes("..") && !/[/:]/.test(plain);
}

/** Whether an exporter has only counted: `val_12`, `onnx::MatMul_330`, `/head/Constant_2_output_0`. */
export function isCountedName(name: string): boolean {
  return /^(_?val_|onnx::\w+_)?\d+$|Constant(_\d+)?_output_\d+$/.test(withoutCast(name));
}

/** Whether a name is one word that somebody chose: `class_token`, `w1`. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z_][\w-]*$/.test(name) && !isCountedName(name) && !/__\d+$/.test(name);
}

/** Whether a name ends as those of what modules compute once and do not train. */
export function isBufferName(name: string): boolean {
  return /(inv_freq|relative_coords_table|mask)$/.test(withoutCast(name));
}

/** Weights that were stored as halves carry the type that they were widened to. */
export function withoutCast(name: string): string {
  return name.replace(/\/float32$/, "");
}
