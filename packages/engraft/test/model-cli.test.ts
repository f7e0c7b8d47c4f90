import { readFile, writeFile } from "node:fs/promises";
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
import { loadModel } from "../dist/index.js";
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
    "constants.onnx": constantsModel(),
    "switched.onnx": switchedModel(),
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

/** The same loss of weights in Constant nodes, one of them behind a Reshape, and of a mask. */
function constantsModel(): Uint8Array {
  const constant = (name: string, value: Tensor) => createNode("Constant", [], [name], { value });
  const graph = createGraph({
    nodes: [
      constant("weight", tensor([3, 2], [1, 2, 3, 4, 5, 6])),
      constant("bias", tensor([2], [0.5, -0.5])),
      constant("offset", tensor([2], [0.1, 0.2])),
      constant("row", { dtype: "int64", dims: [2], data: BigInt64Array.of(1n, 2n) }),
      createNode("Reshape", ["bias", "row"], ["bias_row"]),
      createNode("MatMul", ["x", "weight"], ["product"]),
      createNode("Add", ["product", "bias_row"], ["sum"]),
      createNode("Sub", ["sum", "offset"], ["centred"]),
      createNode("ReduceMean", ["centred"], ["loss"], { keepdims: 0 }),
      createNode("ArgMax", ["sum"], ["answer"], { axis: 1, keepdims: 0 }),
      createNode("Cast", ["answer"], ["answer_float"], { to: 1 }),
      createNode("ReduceMean", ["answer_float"], ["flat"], { keepdims: 0 }),
    ],
    inputs: [valueInfo("x", "float32", ["batch", 3])],
    outputs: [valueInfo("loss", "float32", []), valueInfo("flat", "float32", [])],
  });
  return encodeModel(createModel({ graph, opset: 17 }));
}

describe("what a weight is", () => {
  const OFFSET = "offset [2]: Sub reads it as a constant";
  const path = () => join(folder, "constants.onnx");

  it("is the same for inspect, summary and differentiate, and what is none is listed", async () => {
    const inspected = await engraftHere(["inspect", path()]);
    expect(inspected.stdout).toContain("trainable 0 of 8 weights");
    const summary = await engraftHere(["summary", path()]);
    expect(summary.stdout).toMatch(/\nweights +8\n/);
    const output = join(folder, "constants-step.onnx");
    const asked = ["differentiate", path(), "--loss", "loss", "-o", output];
    const written = await engraftHere(asked);
    expect(written.stdout).toContain("the loss and 2 gradients");
    for (const text of [inspected.stdout, summary.stdout, written.stderr]) {
      expect(text).toContain(OFFSET);
    }
    const { outputs } = JSON.parse((await engraftHere([...asked, "--json"])).stdout);
    expect(outputs.sort()).toEqual(["grad/bias", "grad/weight", "loss"]);
  });

  it("no gradient at all is an error with the reasons", async () => {
    const output = join(folder, "flat.onnx");
    const result = await engraftHere(["differentiate", path(), "--loss", "flat", "-o", output]);
    expectFailure(
      result,
      1,
      /no weight that a gradient flows to from the loss "flat".*"weight": it leads to outputs by way of sizes or integers alone/s,
    );
    await expect(readFile(output)).rejects.toThrow("ENOENT");
  });
});

/** A model that multiplies by one matrix or another, by an input that says which. */
function switchedModel(): Uint8Array {
  const branch = (name: string, values: readonly number[]) =>
    createGraph({
      nodes: [createNode("MatMul", ["x", name], [`${name}/y`])],
      outputs: [valueInfo(`${name}/y`, "float32")],
      initializers: [[name, tensor([3, 2], values)]],
    });
  const graph = createGraph({
    nodes: [
      createNode("Equal", ["rate", "wide"], ["is_wide"]),
      createNode("If", ["is_wide"], ["y"], {
        then_branch: branch("wide.weight", [1, 2, 3, 4, 5, 6]),
        else_branch: branch("narrow.weight", [6, 5, 4, 3, 2, 1]),
      }),
      createNode("ReduceMean", ["y"], ["loss"], { keepdims: 0 }),
    ],
    inputs: [valueInfo("x", "float32", ["batch", 3]), valueInfo("rate", "int64", [])],
    outputs: [valueInfo("loss", "float32", [])],
    initializers: [["wide", { dtype: "int64", dims: [], data: BigInt64Array.of(16000n) }]],
  });
  return encodeModel(createModel({ graph, opset: 17 }));
}

it("inspect shows a file of an operator set that no layers can be taken from", async () => {
  const old = join(folder, "old.onnx");
  await writeFile(old, encodeModel({ ...decodeModel(lossModel()), opsets: new Map([["", 4]]) }));
  const { code, stdout } = await engraftHere(["inspect", old]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/operator sets +ai\.onnx 4/);
  expect(stdout).toMatch(/body\.out\.weight \[3, 2\].*operator set 4; Engraft knows 5 to/s);
});

describe("--bind", () => {
  const path = () => join(folder, "switched.onnx");

  it("fixes an input, and with it the branch that is taken, in every command", async () => {
    const free = await engraftHere(["summary", path()]);
    expect(free.stdout).toMatch(/weights +0\n.*branch of an If whose condition is not fixed/s);
    for (const [rate, name] of [
      ["16000", "wide"],
      ["8000", "narrow"],
    ] as const) {
      const bind = ["--bind", `rate=${rate}`];
      expect((await engraftHere(["summary", path(), ...bind])).stdout).toMatch(/weights +6\n/);
      const inspected = await engraftHere(["inspect", path(), ...bind]);
      expect(inspected.stdout).toContain("of 6 weights");
      const output = join(folder, "bound.onnx");
      const asked = ["differentiate", path(), "--loss", "loss", "-o", output, "--json", ...bind];
      const { inputs, outputs } = JSON.parse((await engraftHere(asked)).stdout);
      expect(outputs).toEqual(["loss", `grad/${name}.weight`]);
      expect(inputs).toEqual(["x", `${name}.weight`]);
    }
    const loaded = await loadModel(path(), {
      bind: [
        { name: "rate", values: [8000] },
        { name: "batch", values: [4] },
      ],
    });
    expect(loaded.weights.map(({ name }) => name)).toEqual(["narrow.weight"]);
    expect(loaded.inputs.map(({ name }) => name)).toEqual(["x"]);
  });

  it.each([
    ["rat=1", /no input and no size "rat".*x float32\[batch, 3\], rate int64\[\]/],
    ["rate=1.5", /"rate" takes 1 numbers of type int64; 1\.5 is given/],
    ["rate=1,2", /"rate" takes 1 numbers of type int64/],
    ["rate=", /--bind takes name=value/],
    ["rate", /--bind takes name=value/],
    ["x=1", /"x" cannot be bound: its size is not fixed/],
    ["batch=0", /"batch" is bound to a whole number above 0/],
  ])("%s is refused", async (given, message) => {
    expectFailure(await engraftHere(["summary", path(), "--bind", given]), 2, message);
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
