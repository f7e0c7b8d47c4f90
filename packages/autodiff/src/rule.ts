import type { RuleContext } from "./context.js";

/**
 * The vector-Jacobian product of one operator. Given the gradients of the loss by the node's outputs
 * it writes nodes that compute the gradients by its inputs, and returns their names in the order of
 * the inputs; `undefined` where none flows or none is wanted (`context.wants`).
 *
 * Rules are written for the working opset that `normalize` of @engraft/onnx brings models to, so
 * they meet one form of each operator. Element types and shapes come from type inference.
 *
 * @throws UnsupportedForm for a form of the operator that has no gradient here, with the reason.
 */
export type GradientRule = (context: RuleContext) => readonly (string | undefined)[];

/** What is known of an operator's gradient: exactly one of three. */
export type OperatorGradient =
  | {
      readonly kind: "rule";
      readonly rule: GradientRule;
      /**
       * Inputs are broadcast to the output's shape: the rule returns gradients of the output's
       * shape, and the driver sums them over what was broadcast.
       */
      readonly broadcasts: boolean;
    }
  /** The output does not depend on the inputs in a differentiable way: the gradient is zero. */
  | { readonly kind: "zero"; readonly why: string }
  /** There is a gradient and we do not compute it: differentiating raises an error. */
  | { readonly kind: "missing"; readonly why: string };

/** Operators of one domain and what is known of their gradients. */
export type GradientTable = Readonly<Record<string, OperatorGradient>>;

/** An operator whose inputs all keep their own shape, or whose rule returns gradients in those. */
export function rule(rule: GradientRule): OperatorGradient {
  return { kind: "rule", rule, broadcasts: false };
}

/** An operator that broadcasts its inputs against one another. */
export function broadcasting(rule: GradientRule): OperatorGradient {
  return { kind: "rule", rule, broadcasts: true };
}

/** Operators through which the gradient is zero, all for the same reason. */
export function zeroGradients(operators: readonly string[], why: string): GradientTable {
  return Object.fromEntries(operators.map((operator) => [operator, { kind: "zero", why }]));
}

/** Operators that have a gradient which is not implemented, all for the same reason. */
export function missingGradients(operators: readonly string[], why: string): GradientTable {
  return Object.fromEntries(operators.map((operator) => [operator, { kind: "missing", why }]));
}
