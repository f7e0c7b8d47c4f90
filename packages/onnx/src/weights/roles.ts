import type { Node, Shape } from "../ir/graph.js";

/** Inputs of operators that hold weights, by position, and what such a weight is called. */
const ROLES: ReadonlyMap<string, ReadonlyMap<number, string>> = new Map(
  Object.entries({
    Conv: { 1: "weight", 2: "bias" },
    ConvTranspose: { 1: "weight", 2: "bias" },
    Gemm: { 0: "weight", 1: "weight", 2: "bias" },
    MatMul: { 0: "weight", 1: "weight" },
    Einsum: { 0: "weight", 1: "weight", 2: "weight" },
    Gather: { 0: "weight" },
    GatherND: { 0: "table" },
    BatchNormalization: { 1: "weight", 2: "bias", 3: "running_mean", 4: "running_var" },
    InstanceNormalization: { 1: "weight", 2: "bias" },
    GroupNormalization: { 1: "weight", 2: "bias" },
    LayerNormalization: { 1: "weight", 2: "bias" },
    RMSNormalization: { 1: "weight" },
    PRelu: { 1: "weight" },
    Add: { 0: "bias", 1: "bias" },
    Mul: { 0: "weight", 1: "weight" },
    Expand: { 0: "weight" },
    Tile: { 0: "weight" },
    LSTM: { 1: "weight_ih", 2: "weight_hh", 3: "bias" },
    GRU: { 1: "weight_ih", 2: "weight_hh", 3: "bias" },
    RNN: { 1: "weight_ih", 2: "weight_hh", 3: "bias" },
  }).map(([operator, roles]) => [
    operator,
    new Map(Object.entries(roles).map(([position, role]) => [Number(position), role])),
  ]),
);

/**
 * What a constant is called that an operator reads as a weight; undefined where it is none of it.
 *
 * @param shape - Of what is read, where it is known.
 * @param meetsData - Whether the node reads anything that is no constant.
 */
export function roleOf(
  { opType, domain }: Node,
  position: number,
  shape: Shape | undefined,
  meetsData: boolean,
): string | undefined {
  const role = domain === "" ? ROLES.get(opType)?.get(position) : undefined;
  if (role === undefined || (opType !== "Add" && opType !== "Mul")) return role;
  return meetsData && isShiftOrScale(opType, shape) ? role : undefined;
}

/** A vector along some axis, or a table of positions that is added; tables of more axes are masks. */
function isShiftOrScale(opType: string, shape: Shape | undefined): boolean {
  if (shape === undefined) return false;
  const long = shape.filter((size) => size !== 1).length;
  return long === 1 || (opType === "Add" && long === 2 && shape.length <= 3);
}
