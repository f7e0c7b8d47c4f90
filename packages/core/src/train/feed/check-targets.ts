import { printType, type Tensor, type ValueInfo } from "@engraft/onnx";
import { UsageError } from "../../errors.js";
import type { LossConfig } from "../losses/index.js";
import { checkTensor } from "./check-tensors.js";

/**
 * Checks what a loss compares with: element type, sizes, and that the values can be right.
 *
 * @param output - What the loss looks at, [batch, columns].
 * @param count - Examples, or pairs where the loss compares pairs.
 * @param label - What the targets are called in messages: `train.targets`.
 * @throws UsageError
 */
export function checkTargets(
  targets: Tensor,
  loss: LossConfig["name"],
  output: ValueInfo,
  count: number,
  label: string,
): void {
  checkTensor(targets, label);
  const columns = output.type.shape?.at(-1);
  switch (loss) {
    case "cross-entropy":
      requireType(targets, loss, "int64", [count], label);
      if (typeof columns === "number") requireClasses(targets, columns, label);
      return;
    case "binary-cross-entropy":
      requireType(targets, loss, "float32", [count, columns], label);
      requireBetween(targets, 0, 1, label);
      return;
    case "mean-squared-error":
    case "huber":
      requireType(targets, loss, "float32", [count, columns], label);
      requireBetween(targets, -Number.MAX_VALUE, Number.MAX_VALUE, label);
      return;
    case "cosine-similarity":
      requireType(targets, loss, "float32", [count], label);
      requireBetween(targets, -1, 1, label);
  }
}

/**
 * Checks the pairs that a loss compares.
 *
 * @throws UsageError where a loss of pairs has none, another loss has some, or a pair is none of the
 * examples.
 */
export function checkPairs(
  pairs: readonly (readonly [number, number])[] | undefined,
  loss: LossConfig["name"],
  count: number,
  where: string,
): void {
  if ((loss === "cosine-similarity") !== (pairs !== undefined)) {
    throw new UsageError(
      pairs === undefined
        ? `The loss "cosine-similarity" compares pairs, and ${where} has none. Give \`pairs\`: positions of examples.`
        : `${where} has pairs, which the loss "${loss}" does not compare. Leave them out, or train with "cosine-similarity".`,
    );
  }
  for (const [index, pair] of (pairs ?? []).entries()) {
    const isPair = (example: unknown): boolean =>
      Number.isSafeInteger(example) && (example as number) >= 0 && (example as number) < count;
    if (Array.isArray(pair) && pair.length === 2 && pair.every(isPair)) continue;
    throw new UsageError(
      `${where}: pair ${index} is [${String(pair)}]; expected two positions from 0 to ${count - 1}.`,
    );
  }
}

function requireType(
  { dtype, dims }: Tensor,
  loss: string,
  expected: "int64" | "float32",
  sizes: readonly (number | string | null | undefined)[],
  label: string,
): void {
  const fits = (size: unknown, axis: number): boolean =>
    typeof size !== "number" || dims[axis] === size;
  if (dtype === expected && dims.length === sizes.length && sizes.every(fits)) return;
  const type = { dtype: expected, shape: sizes.map((size) => size ?? null) };
  const hint =
    expected === "int64" && dtype !== "int64"
      ? " Class numbers are int64: BigInt64Array.from(classes, BigInt)."
      : "";
  throw new UsageError(
    `${label} is ${dtype}[${dims.join(", ")}], and the loss "${loss}" compares with ${printType(type)}: ` +
      `one row for each of the ${sizes[0]} examples.${hint}`,
  );
}

function requireClasses({ data }: Tensor, classes: number, label: string): void {
  const numbers = data as BigInt64Array;
  const row = numbers.findIndex((target) => target < 0n || target >= BigInt(classes));
  if (row < 0) return;
  throw new UsageError(
    `${label} has class ${numbers[row]} for example ${row}, and the model gives ${classes} numbers: ` +
      `classes are 0 to ${classes - 1}.`,
  );
}

function requireBetween({ data, dims }: Tensor, least: number, most: number, label: string): void {
  const numbers = data as Float32Array;
  const at = numbers.findIndex((value) => !(value >= least && value <= most));
  if (at < 0) return;
  const row = Math.floor(at / (numbers.length / dims[0]!));
  const range = most === Number.MAX_VALUE ? "a finite number" : `a number from ${least} to ${most}`;
  throw new UsageError(`${label} has ${numbers[at]} for example ${row}; expected ${range}.`);
}
