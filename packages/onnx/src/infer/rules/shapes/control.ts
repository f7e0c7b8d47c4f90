import { graphAttribute } from "../../../ir/attributes.js";
import type { Dim, Shape, TensorType } from "../../../ir/graph.js";
import type { Rule, RuleTable } from "../../rule.js";
import type { NodeView } from "../../view.js";

/** Operators that choose what runs. */

/** Types of the branch that a constant condition picks, else what both branches agree on. */
const conditional: Rule = (view) => {
  const taken = takenBranch(view);
  const branches = taken === undefined ? (["then_branch", "else_branch"] as const) : [taken];
  const [first = [], second = first] = branches.map((name) => branchTypes(view, name));
  return first.map((type, index) => agreedType(type, second[index]));
};

/** The branch that a constant condition picks. */
export function takenBranch(view: NodeView): "then_branch" | "else_branch" | undefined {
  const condition = view.constant(0);
  if (condition === undefined) return undefined;
  return condition.data[0] ? "then_branch" : "else_branch";
}

function branchTypes(view: NodeView, name: string): readonly (TensorType | undefined)[] {
  const branch = graphAttribute(view.node, name) ?? view.reject(`a ${name}`, "none");
  return view.outputsOf(branch).map(({ type }) => type);
}

function agreedType(a: TensorType | undefined, b: TensorType | undefined): TensorType | undefined {
  if (a === undefined || b === undefined || a.dtype !== b.dtype) return undefined;
  return { dtype: a.dtype, shape: agreedShape(a.shape, b.shape) };
}

function agreedShape(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (a === undefined || b === undefined || a.length !== b.length) return undefined;
  return a.map((dim, axis): Dim => (dim === b[axis] ? dim : null));
}

export const controlRules: RuleTable = { If: { 1: conditional } };
