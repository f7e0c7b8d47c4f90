import { inferTypes, type Model, type Tensor, tensorOf } from "@engraft/onnx";
import { expect } from "vitest";
import type { Differentiated } from "../assemble.js";
import { runBackward } from "../backward-pass.js";
import { differentiateModel } from "../differentiate.js";
import { findGradientPath } from "../gradient-path.js";
import type { GradientCase } from "./case.js";
import { checkDifferences } from "./differences.js";
import { absoluteSum, expectClose, type Gradients, multiply, numbers, sum } from "./numbers.js";
import {
  createProblem,
  type Dimensions,
  type FloatType,
  feedsOf,
  forwardModel,
  lossModel,
  type Problem,
  seedOf,
} from "./problem.js";
import { randomFrom } from "./random.js";
import { load } from "./runtime.js";
import type { Setup } from "./setup.js";

/**
 * Checks every gradient of a case: against differences or given values, by the adjoint identity
 * where the operator is linear, with named dimensions, and in float32 against float64.
 */
export async function checkGradients(item: GradientCase): Promise<void> {
  const setup = await prepare(item, "float32");
  const { values, wrt } = setup.problem;
  const step = stepOf(setup.problem);
  const gradients = await gradientsOf(setup, { step });
  for (const name of wrt) {
    expect(gradients.get(name)!.dims, `shape of ${name}`).toEqual(values.get(name)!.dims);
  }
  const forms = [formOf(step)];
  if (item.dynamic !== "none") {
    const open = stepOf(setup.problem, { dimensions: "named" });
    forms.push(formOf(open));
    const named = await gradientsOf(setup, { step: open });
    expectClose(named, gradients, 1e-6, "with named dimensions");
  }
  checkAdjoint(setup, gradients);
  if (item.expected !== undefined) expectGiven(item.expected, gradients);
  else if (item.float64 !== true) await checkDifferences(setup, gradients);
  else {
    const double = await prepare(item, "float64");
    const exact = await gradientsOf(double);
    await checkDifferences(double, exact);
    expectClose(gradients, exact, 2e-5, "in float32 against float64");
  }
  // A gradient that can be written in several ways has the same numbers in all; the costs differ.
  expect(Array.from(new Set(forms)).join(" | ")).toMatchSnapshot();
}

/**
 * Checks that freezing an input changes no gradient of the others and leaves no node behind, and
 * that ONNX Runtime's graph optimisations change nothing.
 */
export async function checkVariants(item: GradientCase): Promise<void> {
  const setup = await prepare(item, "float32");
  const { wrt } = setup.problem;
  const gradients = await gradientsOf(setup);
  const plain = await gradientsOf(setup, { optimization: "disabled" });
  expectClose(plain, gradients, 1e-5, "without graph optimisation");
  expectNoDeadNodes(setup.problem, wrt);
  for (const frozen of wrt) {
    const rest = wrt.filter((name) => name !== frozen);
    if (rest.length === 0) continue;
    expectNoDeadNodes(setup.problem, rest);
    const others = await gradientsOf(setup, { step: stepOf(setup.problem, { wrt: rest }) });
    expectClose(others, gradients, 1e-6, `with ${frozen} frozen`);
  }
}

async function prepare(item: GradientCase, dtype: FloatType): Promise<Setup> {
  const problem = createProblem(item, dtype);
  const forward = await load(forwardModel(problem, "static"), "disabled");
  const outputs = await forward.run(feedsOf(problem));
  const random = randomFrom(`seed of ${item.operator} ${item.name}`);
  const seeds = new Map<string, Tensor>();
  for (const [name, { dims, data }] of outputs) {
    const weights = data.map(() => (item.expected ? 1 : Math.fround(2 * random() - 1)));
    seeds.set(seedOf(name), tensorOf(dtype, dims, weights));
  }
  return { problem, forward, outputs, seeds };
}

interface StepOptions {
  readonly dimensions?: Dimensions;
  readonly wrt?: readonly string[];
}

/** A case's loss, and the model that computes its gradients. */
interface Step extends Differentiated {
  readonly lossModel: Model;
}

function stepOf(
  problem: Problem,
  { dimensions = "static", wrt = problem.wrt }: StepOptions = {},
): Step {
  const model = lossModel(problem, dimensions);
  return { ...differentiateModel(model, { loss: "loss", wrt }), lossModel: model };
}

/** The operators that the rules wrote, in the order in which they run. */
function formOf({ model, lossModel: { graph } }: Step): string {
  const given = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const written = model.graph.nodes.filter(({ outputs }) => !given.has(outputs[0]!));
  return written.map(({ opType }) => opType).join(" ");
}

async function gradientsOf(
  { problem, seeds }: Setup,
  {
    step: { model, gradients } = stepOf(problem),
    optimization,
  }: { readonly step?: Differentiated; readonly optimization?: "all" | "disabled" } = {},
): Promise<Gradients> {
  const program = await load(model, optimization);
  const inputs = new Set(model.graph.inputs.map(({ name }) => name));
  const feeds = [...problem.values, ...seeds].filter(([name]) => inputs.has(name));
  const results = await program.run(new Map(feeds));
  return new Map(Array.from(gradients, ([name, output]) => [name, results.get(output)!]));
}

/** `<y, seed> = <x, gradient>` for every input in which the operator is linear. */
function checkAdjoint({ problem, outputs, seeds }: Setup, gradients: Gradients): void {
  const left = Array.from(outputs).flatMap(([name, { data }]) =>
    multiply(data, numbers(seeds.get(seedOf(name))!)),
  );
  for (const index of problem.item.linear ?? []) {
    const name = `x${index}`;
    const right = multiply(numbers(problem.values.get(name)!), gradients.get(name)!.data);
    expect(Math.abs(sum(left) - sum(right)), `adjoint identity in ${name}`).toBeLessThanOrEqual(
      2e-6 * (absoluteSum(left) + absoluteSum(right)),
    );
  }
}

function expectGiven(
  expected: readonly (readonly number[] | undefined)[],
  gradients: Gradients,
): void {
  for (const [index, data] of expected.entries()) {
    if (data === undefined) continue;
    const name = `x${index}`;
    const own = gradients.get(name)!;
    expectClose(new Map([[name, own]]), new Map([[name, { dims: own.dims, data }]]), 1e-5, "");
  }
}

/** Every node that the rules write must serve a gradient that is asked for. */
function expectNoDeadNodes(problem: Problem, wrt: readonly string[]): void {
  const { graph } = inferTypes(lossModel(problem, "static"));
  const pass = runBackward(graph, findGradientPath(graph, "loss", wrt), "loss");
  const needed = new Set(wrt.map((name) => pass.gradients.get(name)!));
  const dead: string[] = [];
  for (const { node } of pass.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) dead.push(node.name);
    else for (const input of node.inputs) needed.add(input);
  }
  expect(dead, `nodes that no gradient by ${wrt.join(", ")} needs`).toEqual([]);
}
