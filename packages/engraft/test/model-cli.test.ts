import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createGraph,
  createModel,
  createNode,
  decodeModel,
  encodeModel,
  type Tensor,
  valueInfo,
} from "@engraft/onnx";
import { beforeAll, describe, expect, it } from "vitest";
import { engraft, engraftHere, type Finished, writeFiles } from "./support.js";

/** Mean of (x · weight + bias)² in one layer called `body.out`, after an operator on the way. */
function lossModel(extra = "Identity"): Uint8Array {
  const graph = createGraph({
    nodes: [
      createNode("MatMul", ["x", "body.out.weight"], ["product"]),
      createNode("Add", ["product", "body.out.bias"], ["sum"]),
      createNode("Mul", ["sum", "sum"], ["square"]),
      createNode(extra, ["square"], ["values"], {}, { name: extra }),
      createNode("ReduceMean", ["values"], ["loss"], { keepdims: 0 }),
    ],
    inputs: [valueInfo("x", "float32", ["batch", 3])],
    outputs: [valueInfo("loss", "float32", [])],
    initializers: [
      ["body.out.weight", tensor([3, 2], [1, 2, 3, 4, 5, 6])],
      ["body.out.bias", tensor([2], [0.5, -0.5])],
    ],
  });
  return encodeModel(createModel({ graph, opset: 18 }));
}

function tensor(dims: readonly number[], values: readonly number[]): Tensor<"float32"> {
  return { dtype: "float32", dims, data: Float32Array.from(values) };
}

/** Expects a command to fail as a person should see it. */
function expectFailure(result: Finished, code: number, message: RegExp): void {
  expect(result).toMatchObject({ code, stdout: "" });
  expect(result.stderr).toMatch(message);
  expect(result.stderr).not.toMatch(/\n\s+at |internal error|node:internal/);
}

let folder: string;
let model: string;

beforeAll(async () => {
  folder = await writeFiles({
    "model.onnx": lossModel(),
    "broken.onnx": new Uint8Array(40).fill(7),
    // Has a gradient in ONNX's terms, and no rule here.
    "det.onnx": lossModel("Det"),
  });
  model = join(folder, "model.onnx");
});

describe("summary", () => {
  it("prints the layers of a file as a table", async () => {
    const { code, stdout, stderr } = await engraft(["summary", model]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/body\.out +MatMul, Add +\[batch, 2\] +8 +yes/);
    expect(stdout).toMatch(/trainable +8\n/);
  });

  it("shows what freezing leaves", async () => {
    const { stdout } = await engraftHere(["summary", model, "--freeze", "**.weight"]);
    expect(stdout).toMatch(/\ntrainable +2\nnon-trainable +6\n/);
  });

  it("prints the architecture as JSON", async () => {
    const { stdout } = await engraftHere(["summary", model, "--json", "--freeze", "body"]);
    const { layers, inputs } = JSON.parse(stdout);
    expect(inputs).toEqual(["x: float32[batch, 3]"]);
    expect(layers).toMatchObject([{ path: "body", layers: [{ path: "body.out" }] }]);
    expect(layers[0].layers[0].weights).toEqual([
      { name: "body.out.weight", shape: [3, 2], kind: "parameter", trainable: false },
      { name: "body.out.bias", shape: [2], kind: "parameter", trainable: false },
    ]);
  });

  it("knows the bases by their names", async () => {
    const { stdout } = await engraftHere(["summary", "efficientnet-lite0", "--freeze", "_blocks"]);
    expect(stdout).toMatch(/_blocks\.0\._depthwise_conv +Conv +\[batch, 32, 112, 112\] +288 +no/);
    expect(stdout).toMatch(/_conv_stem +Conv +\[batch, 32, 112, 112\] +864 +yes/);
  });

  it("says what is wrong", async () => {
    expectFailure(
      await engraftHere(["summary", join(folder, "none.onnx")]),
      2,
      /neither a base model/,
    );
    expectFailure(await engraftHere(["summary", join(folder, "broken.onnx")]), 1, /^error: /);
    expectFailure(
      await engraftHere(["summary", model, "--freeze", "head.*"]),
      2,
      /Its layers are body/,
    );
    expectFailure(await engraftHere(["summary"]), 2, /missing required argument/);
  });
});

describe("differentiate", () => {
  const step = () => join(folder, "step.onnx");

  it("writes a model of the loss and the gradients", async () => {
    const { code, stdout } = await engraft([
      "differentiate",
      model,
      "--loss",
      "loss",
      "-o",
      step(),
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Wrote .*step\.onnx, .*: the loss and 2 gradients\./);
    const { graph } = decodeModel(await readFile(step()));
    expect(graph.inputs.map(({ name }) => name)).toEqual(["x", "body.out.weight", "body.out.bias"]);
    expect(graph.outputs.map(({ name }) => name)).toEqual([
      "loss",
      "grad/body.out.weight",
      "grad/body.out.bias",
    ]);
  });

  it("takes the weights that match, and prints JSON", async () => {
    const parameters = ["differentiate", model, "--loss", "loss", "--wrt", "**.bias", "-o", step()];
    const { stdout } = await engraftHere([...parameters, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      output: step(),
      outputs: ["loss", "grad/body.out.bias"],
    });
  });

  it("says what is wrong", async () => {
    const run = (file: string, ...rest: string[]) =>
      engraftHere(["differentiate", join(folder, file), "-o", step(), ...rest]);
    expectFailure(await run("model.onnx"), 2, /required option '--loss <value>'/);
    expectFailure(
      await run("none.onnx", "--loss", "loss"),
      2,
      /none\.onnx cannot be read: it is missing/,
    );
    expectFailure(await run("broken.onnx", "--loss", "loss"), 1, /^error: /);
    expectFailure(await run("model.onnx", "--loss", "los"), 1, /"los".*loss/);
    expectFailure(await run("det.onnx", "--loss", "loss"), 1, /Det/);
    const none = await run("model.onnx", "--loss", "loss", "--wrt", "*.bias");
    expectFailure(none, 2, /No weight matches "\*\.bias".*body\.out\.weight/);
  });
});
