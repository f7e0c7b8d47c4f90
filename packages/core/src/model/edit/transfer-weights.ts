import type { Tensor } from "@engraft/onnx";
import { bfloat16ToFloat32, float16ToFloat32 } from "@engraft/onnx";
import { UsageError } from "../../errors.js";
import type { Weight } from "../weights/weight.js";

/** How weights find their counterparts. */
export interface TransferOptions {
  /**
   * Name in the target by name in the source. A pattern with one `*` on both sides maps many:
   * `{ "bert.*": "encoder.*" }`. Names that are not mapped stay the same.
   */
  readonly map?: Readonly<Record<string, string>> | undefined;
  /** Whether anything but a full match of both sides is an error. Default false. */
  readonly strict?: boolean | undefined;
}

/** What a transfer did. */
export interface TransferReport {
  /** Weights of the target that were given values, by name. */
  readonly matched: readonly string[];
  /** Weights that are in both with different shapes; left as they were. */
  readonly mismatched: readonly {
    readonly name: string;
    readonly from: readonly number[];
    readonly to: readonly number[];
  }[];
  /** Weights of the source that the target has no place for. */
  readonly unused: readonly string[];
  /** Weights of the target that the source has nothing for. */
  readonly missing: readonly string[];
}

/** Something that holds weights: a model or a layer. */
export interface HasWeights {
  readonly weights: readonly Weight[];
}

/**
 * Copies the values of weights from one model to another by name, states such as running statistics
 * among them. Nothing is changed where `strict` finds a difference.
 *
 * @throws UsageError in strict mode, listing every difference.
 */
export function transferWeights(
  from: HasWeights,
  to: HasWeights,
  options: TransferOptions = {},
): TransferReport {
  const tensors = new Map(
    from.weights.map(({ name, shape, data }) => [name, { dims: shape, data }] as const),
  );
  return assignWeights(tensors, to.weights, options);
}

/** Values of a weight, by name. */
export type NamedValues = ReadonlyMap<
  string,
  { readonly dims: readonly number[]; readonly data: Float32Array }
>;

/** Gives weights the values of the same name and shape. */
export function assignWeights(
  values: NamedValues,
  weights: readonly Weight[],
  { map = {}, strict = false }: TransferOptions,
): TransferReport {
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  const pairs: { weight: Weight; data: Float32Array }[] = [];
  const mismatched: TransferReport["mismatched"][number][] = [];
  const unused: string[] = [];
  for (const [source, { dims, data }] of values) {
    const name = mapName(source, map);
    const weight = byName.get(name);
    if (weight === undefined) unused.push(source);
    else if (weight.shape.join() !== dims.join()) {
      mismatched.push({ name, from: dims, to: weight.shape });
    } else pairs.push({ weight, data });
  }
  const given = new Set([
    ...pairs.map(({ weight }) => weight.name),
    ...mismatched.map(({ name }) => name),
  ]);
  const missing = weights.flatMap(({ name }) => (given.has(name) ? [] : [name]));
  const report = { matched: pairs.map(({ weight }) => weight.name), mismatched, unused, missing };
  if (strict) requireFullMatch(report);
  for (const { weight, data } of pairs) weight.data.set(data);
  return report;
}

/** The values of a safetensors file as float32. */
export function namedValues(tensors: ReadonlyMap<string, Tensor>): NamedValues {
  return new Map(
    Array.from(tensors).flatMap(([name, tensor]) => {
      const data = floatsOf(tensor);
      return data === undefined ? [] : [[name, { dims: tensor.dims, data }] as const];
    }),
  );
}

function floatsOf({ dtype, data }: Tensor): Float32Array | undefined {
  if (dtype === "float32") return data as Float32Array;
  if (dtype === "float64") return Float32Array.from(data as Float64Array);
  if (dtype === "float16") return float16ToFloat32(data as Uint16Array);
  if (dtype === "bfloat16") return bfloat16ToFloat32(data as Uint16Array);
  return undefined;
}

function mapName(name: string, map: Readonly<Record<string, string>>): string {
  if (Object.hasOwn(map, name)) return map[name]!;
  for (const [pattern, target] of Object.entries(map)) {
    const [before = "", after] = pattern.split("*");
    if (after === undefined || name.length < before.length + after.length) continue;
    if (!name.startsWith(before) || !name.endsWith(after)) continue;
    const rest = name.slice(before.length, name.length - after.length);
    return target.replace("*", () => rest);
  }
  return name;
}

function requireFullMatch({ mismatched, unused, missing }: TransferReport): void {
  const lines = [
    ...mismatched.map(
      ({ name, from, to }) => `- ${name}: [${from.join(", ")}] does not fit [${to.join(", ")}]`,
    ),
    ...unused.map((name) => `- ${name}: the model has no such weight`),
    ...missing.map((name) => `- ${name}: there are no values for it`),
  ];
  if (lines.length === 0) return;
  throw new UsageError(
    `The weights do not fit the model:\n${lines.join("\n")}\nMap the names, or leave strict off to take what fits.`,
  );
}
