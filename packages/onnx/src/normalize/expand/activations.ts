import { floatAttribute } from "../../ir/attributes.js";
import type { NodeRewriter } from "../rewrite.js";
import type { ExpansionFamily } from "./family.js";

/** Gelu of input 0, to which input 1 is added where it is there. */
function biasedGelu(rewriter: NodeRewriter, approximate: "none" | "tanh"): void {
  const [input, bias] = [rewriter.input(0), rewriter.input(1)];
  const sum = bias === "" ? input : rewriter.op("Add", [input, bias]);
  rewriter.op("Gelu", [sum], { approximate }, rewriter.output(0));
}

/** `x Sigmoid(alpha x)` */
function quickGelu(rewriter: NodeRewriter): void {
  const x = rewriter.input(0);
  const alpha = rewriter.scalarLike(x, floatAttribute(rewriter.node, "alpha", 1.702));
  const gate = rewriter.op("Sigmoid", [rewriter.op("Mul", [x, alpha])]);
  rewriter.op("Mul", [x, gate], {}, rewriter.output(0));
}

export const activationExpansions: ExpansionFamily = {
  microsoft: {
    Gelu: (rewriter) => biasedGelu(rewriter, "none"),
    BiasGelu: (rewriter) => biasedGelu(rewriter, "none"),
    FastGelu: (rewriter) => biasedGelu(rewriter, "tanh"),
    QuickGelu: quickGelu,
  },
};
