import { type Dim, stringAttribute } from "@engraft/onnx";
import { sumToShape } from "../../broadcasting.js";
import type { RuleContext } from "../../context.js";
import { UnsupportedForm } from "../../errors.js";

const ELLIPSIS = "...";

/** Letters stand for axes; an ellipsis has been given letters of its own. */
interface Equation {
  readonly operands: readonly string[];
  readonly result: string;
  /** Size of each letter's axis, after broadcasting. */
  readonly sizes: ReadonlyMap<string, Dim>;
}

/**
 * The gradient by one operand is an einsum of the gradient and the other operands: for
 * `Y = einsum("ij,jk->ik", A, B)` it is `dA = einsum("ik,jk->ij", dY, B)`. Letters that only that
 * operand has were summed over, so the gradient is the same along them.
 */
export function gradientsOfEinsum(c: RuleContext): readonly (string | undefined)[] {
  const equation = equationOf(c);
  return c.node.inputs.map((value, index) =>
    c.wants(index) ? gradientOfOperand(c, equation, value, index) : undefined,
  );
}

function gradientOfOperand(
  c: RuleContext,
  { operands, result, sizes }: Equation,
  value: string,
  index: number,
): string {
  const own = Array.from(operands[index]!);
  const terms = [result, ...operands.toSpliced(index, 1)];
  const present = own.filter((letter) => terms.some((term) => term.includes(letter)));
  const product = c.op("Einsum", [c.gradient(), ...c.node.inputs.toSpliced(index, 1)], {
    equation: `${terms.join(",")}->${present.join("")}`,
  });
  const shape = own.map((letter) => sizes.get(letter)!);
  if (present.length === own.length) return sumToShape(c, product, shape, value);
  const missing = own.flatMap((letter, axis) => (present.includes(letter) ? [] : [axis]));
  const aligned = c.op("Unsqueeze", [product, c.ints(missing)]);
  return sumToShape(c, c.op("Expand", [aligned, c.sizes(value)]), shape, value);
}

function equationOf(c: RuleContext): Equation {
  const text = stringAttribute(c.node, "equation", "").replaceAll(" ", "");
  const [left = "", right] = text.split("->");
  const terms = left.split(",");
  const ranks = terms.map((term, index) => c.rank(c.input(index)) - lettersOf(term).length);
  const batch = unusedLetters(text, Math.max(...ranks));
  const operands = terms.map((term, index) =>
    term.replace(ELLIPSIS, batch.slice(batch.length - ranks[index]!)),
  );
  if (operands.some((letters) => new Set(letters).size < letters.length)) {
    throw new UnsupportedForm(`its equation "${text}" takes a diagonal`);
  }
  const result = (right ?? implicitResult(terms)).replace(ELLIPSIS, batch);
  return { operands, result, sizes: sizesOf(c, operands) };
}

/** An axis of size 1 is broadcast; a number says more than a name. */
function sizesOf(c: RuleContext, operands: readonly string[]): Map<string, Dim> {
  const sizes = new Map<string, Dim>();
  for (const [index, letters] of operands.entries()) {
    const shape = c.shape(c.input(index))!;
    for (const [axis, letter] of Array.from(letters).entries()) {
      const [size, known = 1] = [shape[axis]!, sizes.get(letter)];
      if (size === 1 || (typeof known === "number" && known !== 1)) sizes.set(letter, known);
      else if (known === 1 || known === size || typeof size === "number") sizes.set(letter, size);
      else sizes.set(letter, null);
    }
  }
  return sizes;
}

function lettersOf(term: string): string {
  return term.replace(ELLIPSIS, "");
}

/** Without an arrow: the ellipsis, then every letter that occurs once, in alphabetic order. */
function implicitResult(terms: readonly string[]): string {
  const all = terms.map(lettersOf).join("");
  const once = Array.from(all).filter((letter) => all.indexOf(letter) === all.lastIndexOf(letter));
  return (terms.some((term) => term.includes(ELLIPSIS)) ? ELLIPSIS : "") + once.sort().join("");
}

function unusedLetters(text: string, count: number): string {
  const letters = Array.from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return letters
    .filter((letter) => !text.includes(letter))
    .slice(0, count)
    .join("");
}
