import { intAttribute, stringAttribute, stringsAttribute } from "../../ir/attributes.js";
import type { Model } from "../../ir/graph.js";
import { type NodeRewriter, rewriteNodes } from "../rewrite.js";
import { type Cell, type CellKind, gruCell, lstmCell, plainCell, type State } from "./cells.js";

/** A recurrent operator: its cell, and the activations of one direction unless others are named. */
interface RecurrentKind {
  readonly cell: CellKind;
  readonly activations: readonly string[];
}

const kinds: ReadonlyMap<string, RecurrentKind> = new Map([
  ["RNN", { cell: plainCell, activations: ["Tanh"] }],
  ["GRU", { cell: gruCell, activations: ["Sigmoid", "Tanh"] }],
  ["LSTM", { cell: lstmCell, activations: ["Sigmoid", "Tanh", "Tanh"] }],
]);

/** Activations whose operator needs no parameters. */
const supported: ReadonlySet<string> = new Set(["Sigmoid", "Tanh", "Relu", "Softsign", "Softplus"]);

/**
 * Writes `LSTM`, `GRU` and `RNN` nodes as plain operators, one copy of the cell for each step, where
 * the sequence length is known. The inputs of all steps are projected in one product. All directions,
 * initial states and `linear_before_reset` are known; a node with lengths for each sequence, peepholes,
 * clipping, coupled gates, parametrised activations or batch-first layout stays. Types of the values
 * must have been inferred.
 *
 * The equations are those of the ONNX operator definitions.
 */
export function unrollRecurrent(model: Model): Model {
  return rewriteNodes(model, ({ domain, opType }) => {
    const kind = domain === "" ? kinds.get(opType) : undefined;
    return kind && ((rewriter) => unroll(rewriter, kind));
  });
}

/** What is known of a node before it is unrolled. */
interface Layout {
  readonly steps: number;
  readonly hiddenSize: number;
  /** Whether each direction runs from the last step to the first. */
  readonly reversed: readonly boolean[];
  readonly activations: readonly string[];
}

function layoutOf(rewriter: NodeRewriter, kind: RecurrentKind): Layout | undefined {
  const { node } = rewriter;
  const direction = stringAttribute(node, "direction", "forward");
  const reversed = direction === "bidirectional" ? [false, true] : [direction === "reverse"];
  const defaults = reversed.flatMap(() => kind.activations);
  const activations = stringsAttribute(node, "activations", defaults);
  const steps = rewriter.shape(rewriter.input(0))?.[0];
  const hiddenSize = rewriter.shape(rewriter.input(2))?.[2];
  const parameters = ["clip", "activation_alpha", "activation_beta"];
  const isPlain =
    !parameters.some((name) => node.attributes.has(name)) &&
    intAttribute(node, "layout", 0) === 0 &&
    intAttribute(node, "input_forget", 0) === 0 &&
    rewriter.input(4) === "" &&
    rewriter.input(7) === "" &&
    activations.every((activation) => supported.has(activation));
  if (!isPlain || typeof steps !== "number" || typeof hiddenSize !== "number") return undefined;
  return { steps, hiddenSize, reversed, activations };
}

function unroll(rewriter: NodeRewriter, kind: RecurrentKind): void {
  const layout = layoutOf(rewriter, kind);
  if (layout === undefined || layout.steps === 0) return;
  const [weights, recurrences, biases, hidden, cells] = [1, 2, 3, 5, 6].map((index) =>
    perDirection(rewriter, rewriter.input(index), layout),
  );
  const count = kind.activations.length;
  const runs = layout.reversed.map((isReversed, direction): Run => {
    const cell = kind.cell(rewriter, {
      recurrence: withoutDirection(rewriter, recurrences![direction]!),
      biases: biasesOf(rewriter, biases?.[direction]),
      hiddenSize: layout.hiddenSize,
      activations: layout.activations.slice(direction * count, (direction + 1) * count),
    });
    const projected = projectedSteps(rewriter, weights![direction]!, cell, layout.steps);
    const initial: State = { hidden: hidden?.[direction], cell: cells?.[direction] };
    const states = scan(cell, isReversed ? projected.toReversed() : projected, initial);
    return { states: isReversed ? states.toReversed() : states, last: states.at(-1)! };
  });
  addOutputs(rewriter, runs);
}

/** A direction's states in the order of the sequence, and the one it ends with. */
interface Run {
  readonly states: readonly State[];
  readonly last: State;
}

/** The parts of an input whose first axis is the directions; `undefined` where it is left out. */
function perDirection(
  rewriter: NodeRewriter,
  name: string,
  { reversed }: Layout,
): readonly string[] | undefined {
  if (name === "") return undefined;
  const ones = reversed.map(() => 1);
  return ones.length === 1 ? [name] : rewriter.split(name, ones, 0);
}

function withoutDirection(rewriter: NodeRewriter, value: string): string {
  return rewriter.op("Squeeze", [value, rewriter.ints([0])]);
}

/** Biases of input and recurrence, which are stored one behind the other. */
function biasesOf(rewriter: NodeRewriter, stored?: string): readonly [string, string] | undefined {
  if (stored === undefined) return undefined;
  const halves = [rewriter.fresh("Split"), rewriter.fresh("Split")] as const;
  const flat = withoutDirection(rewriter, stored);
  rewriter.ops("Split", [flat], halves, { axis: 0, num_outputs: 2 });
  return halves;
}

/** `X W' + b` of every step, each [1, batch, gates * hidden]. */
function projectedSteps(
  rewriter: NodeRewriter,
  weight: string,
  cell: Cell,
  steps: number,
): string[] {
  const turned = rewriter.op("Transpose", [withoutDirection(rewriter, weight)], { perm: [1, 0] });
  const product = rewriter.op("MatMul", [rewriter.input(0), turned]);
  const { inputBias } = cell;
  const projected = inputBias === undefined ? product : rewriter.op("Add", [product, inputBias]);
  return steps === 1 ? [projected] : rewriter.split(projected, new Array<number>(steps).fill(1), 0);
}

/** The states after each step. */
function scan(cell: Cell, inputs: readonly string[], initial: State): State[] {
  const states: State[] = [];
  for (const input of inputs) states.push(cell.step(input, states.at(-1) ?? initial));
  return states;
}

/** All hidden states [length, directions, batch, hidden], and the last state of each direction. */
function addOutputs(rewriter: NodeRewriter, runs: readonly Run[]): void {
  const [all, lastHidden, lastCell] = [0, 1, 2].map((index) => rewriter.output(index));
  if (all !== "") {
    const sequences = runs.map(({ states }) => {
      const steps = states.map(({ hidden }) => hidden!);
      const sequence = rewriter.op("Concat", steps, { axis: 0 });
      return rewriter.op("Unsqueeze", [sequence, rewriter.ints([1])]);
    });
    rewriter.op("Concat", sequences, { axis: 1 }, all);
  }
  const join = (values: readonly (string | undefined)[], output: string): void => {
    if (output !== "")
      rewriter.op(
        "Concat",
        values.map((value) => value!),
        { axis: 0 },
        output,
      );
  };
  join(
    runs.map(({ last }) => last.hidden),
    lastHidden!,
  );
  join(
    runs.map(({ last }) => last.cell),
    lastCell!,
  );
}
