import type { Dim, Shape, Tensor, ValueInfo } from "@engraft/onnx";

/** Tensors by the name of the input that they are fed to. */
export type Feeds = Readonly<Record<string, Tensor>>;

/** What the named sizes of some inputs are in a batch: `batch` is 16, `length` is 40. */
export function bindSizes(inputs: readonly ValueInfo[], feeds: Feeds): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { name, type } of inputs) {
    const dims = feeds[name]?.dims ?? [];
    type.shape?.forEach((dim, axis) => {
      if (typeof dim === "string" && dims[axis] !== undefined) sizes.set(dim, dims[axis]);
    });
  }
  return sizes;
}

/** The numbers of a shape whose names are bound. */
export function sizesOf(shape: Shape, sizes: ReadonlyMap<string, number>): number[] {
  return shape.map((dim) => sizeOf(dim, sizes));
}

/** A product of names is a name too: `2*batch`. */
function sizeOf(dim: Dim, sizes: ReadonlyMap<string, number>): number {
  if (typeof dim === "number") return dim;
  const factors = (dim ?? "?").split("*");
  const values = factors.map((factor) => sizes.get(factor) ?? Number(factor));
  const product = values.reduce((a, b) => a * b, 1);
  if (Number.isFinite(product)) return product;
  throw new Error(`internal: the size "${dim}" is not known from the inputs of the step`);
}
