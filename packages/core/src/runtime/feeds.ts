import type { Tensor } from "@engraft/onnx";

/** Tensors by the name of an input or output. A map: any string may be a name, `__proto__` too. */
export type Feeds = ReadonlyMap<string, Tensor>;

/** Tensors by name as users give them: `{ input: tensor }`, or a map. */
export type NamedTensors = Feeds | Readonly<Record<string, Tensor>>;

/** The given tensors as a map. */
export function feedsOf(given: NamedTensors): Feeds {
  return given instanceof Map ? given : new Map(Object.entries(given));
}
