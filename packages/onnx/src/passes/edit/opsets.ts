import { OnnxError } from "../../errors.js";
import type { Model } from "../../ir/graph.js";
import { domainsOf } from "../../ir/scope.js";

/**
 * The operator sets of a model that holds the nodes of both. Where the versions of a domain differ,
 * the one that is in use wins.
 *
 * @throws OnnxError `onnx/unsupported` when both use a domain in different versions: the meaning of
 * a node depends on the version.
 */
export function mergeOpsets(base: Model, addition: Model): Map<string, number> {
  const merged = new Map(base.opsets);
  const usedByBase = domainsOf(base.graph);
  for (const domain of domainsOf(addition.graph)) {
    const wanted = addition.opsets.get(domain);
    if (wanted === undefined || wanted === merged.get(domain)) continue;
    if (merged.has(domain) && usedByBase.has(domain)) {
      throw new OnnxError(
        "onnx/unsupported",
        `The model uses operator set ${merged.get(domain)} of domain "${domain}", and what is appended uses ${wanted}. Build both for the same version.`,
        { subject: domain },
      );
    }
    merged.set(domain, wanted);
  }
  return merged;
}
