import type { LinearAlgebra } from "../../math/matrix.js";
import { isCsr } from "../../math/sparse.js";
import { type Alignment, alignFeatures } from "./alignment.js";
import { type Design, denseDesign, scaledCopy, sparseDesign } from "./design.js";
import type { Features } from "./linear-model.js";
import { isWide, type RotatedDesign, rotate } from "./rotation.js";
import type { Scaling } from "./scaling.js";

/** A design in coordinates that suit the solver. */
export type AlignedDesign = Alignment & { readonly design: Design };

/** Scales and aligns features. Sparse features stay as they are: their columns hardly correlate. */
export async function alignedDesign(
  features: Features,
  scaling: Scaling,
  classes: number,
  algebra: LinearAlgebra,
): Promise<AlignedDesign> {
  if (isCsr(features)) {
    return {
      design: sparseDesign(features, scaling),
      align: async (model) => model,
      restore: async (model) => model,
    };
  }
  const x = scaledCopy(features, scaling, classes);
  const alignment = await alignFeatures(x, algebra);
  return { design: denseDesign(x, algebra), ...alignment };
}

/** The smallest equal problem: with fewer rows than columns it has no more columns than rows. */
export async function smallestDesign(
  features: Features,
  scaling: Scaling,
  classes: number,
  algebra: LinearAlgebra,
): Promise<RotatedDesign> {
  if (!isWide(features)) return alignedDesign(features, scaling, classes, algebra);
  return rotate(plainDesign(features, scaling, classes, algebra), classes, algebra);
}

/** Scaled features in the coordinates that they have. */
export function plainDesign(
  features: Features,
  scaling: Scaling,
  classes: number,
  algebra: LinearAlgebra,
): Design {
  return isCsr(features)
    ? sparseDesign(features, scaling)
    : denseDesign(scaledCopy(features, scaling, classes), algebra);
}
