import { readFileSync } from "node:fs";
import { type AttributeInput, float, normalize, tensorOf } from "@engraft/onnx";
import { describe, expect, test } from "vitest";
import { differentiateModel } from "../differentiate.js";
import type { CaseInput, GradientCase } from "./case.js";
import { createProblem, lossModel, seedOf } from "./problem.js";
import { load } from "./runtime.js";

/** Vector-Jacobian products that PyTorch computes in float64; see conformance/goldens.py. */

interface Listed {
  readonly dtype: "float64" | "int64" | "bool";
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean)[];
  readonly constant?: boolean;
}

interface Golden {
  readonly name: string;
  readonly op: string;
  readonly opset: number;
  readonly attributes: Readonly<Record<string, AttributeInput | { readonly float: number }>>;
  readonly inputs: readonly (Listed | null)[];
  readonly outputGradients: readonly (Listed | null)[];
  readonly inputGradients: readonly (Listed | null)[];
}

const file = new URL("../../../../conformance/goldens/operators.json", import.meta.url);
const goldens: readonly Golden[] = JSON.parse(readFileSync(file, "utf8"));

/** Of the norm, or of 1 where that is larger: the goldens are float64, the gradients float32. */
const TOLERANCE = 5e-6;

function caseOf(golden: Golden): GradientCase {
  const attributes = Object.entries(golden.attributes).map(
    ([name, value]) =>
      [name, typeof value === "object" && "float" in value ? float(value.float) : value] as const,
  );
  return {
    operator: golden.op,
    name: golden.name,
    opset: golden.opset,
    attributes: Object.fromEntries(attributes),
    inputs: golden.inputs.map((input, i) => input && inputOf(input, golden.inputGradients[i]!)),
    outputs: golden.outputGradients.length,
    read: golden.outputGradients.flatMap((gradient, index) => (gradient ? [index] : [])),
  };
}

function inputOf({ dtype, shape, data, constant = false }: Listed, gradient: unknown): CaseInput {
  return {
    dims: shape,
    dtype: dtype === "float64" ? "float" : dtype,
    values: () => data.map(Number),
    constant,
    differentiate: gradient !== null,
  };
}

async function gradientsOf(golden: Golden): Promise<ReadonlyMap<string, readonly number[]>> {
  const problem = createProblem(caseOf(golden), "float32");
  const request = { loss: "loss", wrt: problem.wrt };
  const { model } = differentiateModel(normalize(lossModel(problem, "static")), request);
  const values = new Map(problem.values);
  for (const [index, seed] of golden.outputGradients.entries()) {
    if (seed === null) continue;
    values.set(seedOf(`y${index}`), tensorOf("float32", seed.shape, seed.data.map(Number)));
  }
  const feeds = model.graph.inputs.map(({ name }) => [name, values.get(name)!] as const);
  const results = await (await load(model)).run(new Map(feeds));
  return new Map(problem.wrt.map((name) => [name, results.get(`grad/${name}`)!.data]));
}

describe("gradients of PyTorch", () => {
  test.for(goldens.map((golden) => [golden.name, golden] as const))("%s", async ([, golden]) => {
    const gradients = await gradientsOf(golden);
    for (const [index, listed] of golden.inputGradients.entries()) {
      if (listed === null) continue;
      const expected = listed.data.map(Number);
      const actual = gradients.get(`x${index}`)!;
      expect(actual.length).toBe(expected.length);
      const error = Math.hypot(...actual.map((x, i) => x - expected[i]!));
      expect(error, `error of the gradient by input ${index}`).toBeLessThanOrEqual(
        TOLERANCE * Math.max(1, Math.hypot(...expected)),
      );
    }
  });
});
