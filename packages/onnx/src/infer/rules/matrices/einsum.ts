import { stringAttribute } from "../../../ir/attributes.js";
import type { Dim, Shape } from "../../../ir/graph.js";
import { broadcastDim, broadcastShapes, formatShape } from "../../dims.js";
import type { Rule } from "../../rule.js";
import type { NodeView } from "../../view.js";

/** Sizes by letter, and the axes that "..." stands for. */
interface Labels {
  readonly sizes: Map<string, Dim>;
  ellipsis: Shape;
}

/** `equation` is `"ij,jk->ik"`; without `->` the letters that occur once follow in alphabetic order. */
export const einsum: Rule = (view) => {
  const dtype = view.sameDtype([...view.node.inputs.keys()]);
  const equation = stringAttribute(view.node, "equation", "").replaceAll(" ", "");
  const [left = "", right] = equation.split("->");
  const terms = left.split(",");
  const shapes = view.node.inputs.map((_, index) => view.shape(index));
  if (terms.length !== shapes.length) {
    view.reject(`an equation with ${shapes.length} terms`, `"${equation}"`);
  }
  if (dtype === undefined) return [];
  if (!shapes.every((shape) => shape !== undefined)) return [{ dtype, shape: undefined }];
  const labels: Labels = { sizes: new Map(), ellipsis: [] };
  for (const [index, term] of terms.entries()) readTerm(view, labels, term, shapes[index]!);
  const output = lettersOf(right ?? implicitOutput(terms));
  return [
    {
      dtype,
      shape: output.flatMap((letter) =>
        letter === "..." ? labels.ellipsis : [labels.sizes.get(letter) ?? null],
      ),
    },
  ];
};

function lettersOf(term: string): string[] {
  return term.match(/\.\.\.|[A-Za-z]/g) ?? [];
}

function readTerm(view: NodeView, labels: Labels, term: string, shape: Shape): void {
  const letters = lettersOf(term);
  const hasEllipsis = letters.includes("...");
  const hidden = shape.length - letters.length + (hasEllipsis ? 1 : 0);
  if (hidden < 0 || (hidden > 0 && !hasEllipsis)) {
    view.reject(`an operand with the axes "${term}"`, formatShape(shape));
  }
  let axis = 0;
  for (const letter of letters) {
    if (letter === "...") {
      const joined = broadcastShapes([labels.ellipsis, shape.slice(axis, axis + hidden)]);
      labels.ellipsis =
        joined ?? view.reject('operands whose "..." axes broadcast', formatShape(shape));
      axis += hidden;
      continue;
    }
    const joined = broadcastDim(labels.sizes.get(letter) ?? 1, shape[axis++]!);
    if (joined === undefined) view.reject(`one size for "${letter}"`, formatShape(shape));
    labels.sizes.set(letter, joined);
  }
}

function implicitOutput(terms: readonly string[]): string {
  const letters = lettersOf(terms.join(""));
  const single = letters.filter(
    (letter) => letters.indexOf(letter) === letters.lastIndexOf(letter),
  );
  const ellipsis = letters.includes("...") ? "..." : "";
  return (
    ellipsis +
    single
      .filter((letter) => letter !== "...")
      .sort()
      .join("")
  );
}
