import type { Model, Node } from "../../ir/graph.js";
import { type Converter, rewriteNodes } from "../rewrite.js";
import { activationExpansions } from "./activations.js";
import { embeddingExpansions } from "./embedding.js";
import type { ExpansionFamily, Expansions } from "./family.js";
import { matmulExpansions } from "./matmul.js";
import { microsoftAttentionExpansions } from "./microsoft-attention.js";
import { normalizationExpansions } from "./normalization.js";
import { onnxAttentionExpansions } from "./onnx-attention.js";
import { quantizedExpansions } from "./quantized.js";
import { rotaryExpansions } from "./rotary.js";

const families: readonly ExpansionFamily[] = [
  activationExpansions,
  matmulExpansions,
  quantizedExpansions,
  normalizationExpansions,
  embeddingExpansions,
  microsoftAttentionExpansions,
  onnxAttentionExpansions,
  rotaryExpansions,
];

const converters: ReadonlyMap<string, ReadonlyMap<string, Converter>> = new Map([
  ["", mapOf(families.map(({ onnx }) => onnx))],
  ["com.microsoft", mapOf(families.map(({ microsoft }) => microsoft))],
]);

function mapOf(tables: readonly (Expansions | undefined)[]): Map<string, Converter> {
  return new Map(tables.flatMap((table) => Object.entries(table ?? {})));
}

/**
 * Writes fused operators as the plain ones that they stand for: those that ONNX Runtime's optimisers
 * leave in files (domain `com.microsoft`) and the compound ones of newer ONNX operator sets. The model
 * must be in operator set 21 or newer, with types inferred. A node in a form that has no exact
 * expansion here (a key-value cache, a mask of a rare layout) stays.
 */
export function expandFused(model: Model): Model {
  return rewriteNodes(model, ({ domain, opType }: Node) => converters.get(domain)?.get(opType));
}
