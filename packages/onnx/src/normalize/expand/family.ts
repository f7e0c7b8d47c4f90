import type { Converter } from "../rewrite.js";

/** Converters by operator, for one domain. */
export type Expansions = Readonly<Record<string, Converter>>;

/** What a family of fused operators becomes, by domain. */
export interface ExpansionFamily {
  readonly onnx?: Expansions;
  readonly microsoft?: Expansions;
}
