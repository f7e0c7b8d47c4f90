import { IntegrityError } from "@engraft/core";
import { fitTfidf, HEAD } from "@engraft/core/internal";
import {
  createGraph,
  createModel,
  createNode,
  createTensor,
  encodeModel,
  float,
  type Graph,
  GraphBuilder,
  type Model,
  type Node,
  valueInfo,
} from "@engraft/onnx/graph";
import { describe, expect, it } from "vitest";
import { withExternalTensor } from "../../../../core/test/external-weights.js";
import { readHead } from "./read-head.js";

const columns = [
  { tap: "block.1", pooling: "mean", width: 3 },
  { tap: "block.2", pooling: "max", width: 4 },
] as const;
const task = { columns, labels: ["a", "b"] };

/** A linear head of two labels on seven features, with parts of it replaced. */
function head(change: Partial<Graph> = {}, classes = 2, width = 7): Model {
  const g = new GraphBuilder("head");
  const weights = g.floats(new Float32Array(classes * width), [classes, width]);
  const bias = g.floats(new Float32Array(classes), [classes]);
  const logits = g.op("Gemm", [HEAD.features, weights, bias], { transB: 1 });
  g.op("LogSoftmax", [logits], { axis: 1 }, HEAD.output);
  return createModel({
    graph: createGraph({
      nodes: g.nodes,
      initializers: g.initializers,
      inputs: [valueInfo(HEAD.features, "float32", ["batch", width])],
      outputs: [valueInfo(HEAD.output, "float32", ["batch", classes])],
      ...change,
    }),
  });
}

function reasonOf(model: Model | Uint8Array, given: typeof task = task): string {
  try {
    readHead(model instanceof Uint8Array ? model : encodeModel(model), given, undefined);
  } catch (error) {
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({ code: "task/invalid", file: "head.onnx" });
    return (error as IntegrityError).message;
  }
  return "none";
}

/** The head with a node put on top of its answer. */
function under(node: Node, initializers: Graph["initializers"] = new Map()): Model {
  const { graph } = head();
  const nodes = graph.nodes.map((each) => ({
    ...each,
    outputs: each.outputs.map((name) => (name === HEAD.output ? "answer" : name)),
  }));
  return head({
    nodes: [...nodes, node],
    initializers: new Map([...graph.initializers, ...initializers]),
  });
}

/** The model with an operator set of another domain. */
function withDomain(model: Model, domain: string): Model {
  return { ...model, opsets: new Map([...model.opsets, [domain, 1]]) };
}

describe("a head", () => {
  it("is read as it was written", () => {
    const { graph } = readHead(encodeModel(head()), task, undefined);
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(["Gemm", "LogSoftmax"]);
  });

  it.each([
    ["nothing", new Uint8Array(), /no ONNX graph/],
    ["something else", new TextEncoder().encode("no model at all"), /not a readable ONNX model/],
    ["a label more than the task", head({}, 3), /"logProbabilities" is \[inputs, 3\].* 2 labels/],
    ["a label less", head({}, 1), /"logProbabilities" is \[inputs, 1\].* 2 labels/],
    ["other features", head({}, 2, 8), /"features" is \[inputs, 8\].* 7 features/],
    [
      "an output that says more than it gives",
      { ...head({}, 3), graph: { ...head({}, 3).graph, outputs: head().graph.outputs } },
      /"logProbabilities" is \[inputs, 3\]/,
    ],
    [
      "a fixed number of inputs",
      head({ inputs: [valueInfo(HEAD.features, "float32", [64, 7])] }),
      /"features" is \[64, 7\]/,
    ],
    [
      "an input of its own",
      head({
        inputs: [...head().graph.inputs, valueInfo("__proto__", "float32", ["batch", 7])],
      }),
      /nothing for its input "__proto__"/,
    ],
    [
      "words that the task does not have",
      head({
        inputs: [valueInfo(HEAD.words, "float32", ["batch", 7])],
        nodes: head().graph.nodes.map((node) => ({
          ...node,
          inputs: node.inputs.map((name) => (name === HEAD.features ? HEAD.words : name)),
        })),
      }),
      /nothing for its input "words"/,
    ],
    [
      "another output",
      head({ outputs: [valueInfo(HEAD.features, "float32", ["batch", 7])] }),
      /its output is not "logProbabilities"/,
    ],
    [
      "an endless loop",
      under(createNode("Loop", ["", "", "answer"], [HEAD.output])),
      /heads have no node Loop/,
    ],
    [
      "an operator of another domain",
      withDomain(
        under({ ...createNode("Add", ["answer", "answer"], [HEAD.output]), domain: "evil" }),
        "evil",
      ),
      /heads have no node evil.Add/,
    ],
    ["a cycle", under(createNode("Add", ["answer", HEAD.output], [HEAD.output])), /logProbabilit/],
    [
      "weights in 64 bits",
      under(
        createNode("Add", ["answer", "wide"], [HEAD.output]),
        new Map([["wide", createTensor("float64", [1], Float64Array.of(1))]]),
      ),
      /"wide" is of type float64/,
    ],
    [
      "shapes that do not fit",
      under(
        createNode("Add", ["answer", "odd"], [HEAD.output]),
        new Map([["odd", createTensor("float32", [5], new Float32Array(5))]]),
      ),
      /does not fit what it reads/,
    ],
    [
      "an attribute of another kind",
      under(createNode("LogSoftmax", ["answer"], [HEAD.output], { axis: float(1) })),
      /axis/,
    ],
  ])("with %s is refused", (_, model, reason) => {
    expect(reasonOf(model)).toMatch(reason);
  });

  it.each(["secret.txt", "../secret.txt", "/etc/passwd", "sub/secret.bin"])(
    "with weights in the file %s is refused",
    (location) => {
      const top = under(createNode("Add", ["answer", "secret"], [HEAD.output]));
      const bytes = withExternalTensor(encodeModel(top), { name: "secret", dims: [2], location });
      expect(reasonOf(bytes)).toContain(location);
    },
  );

  it("of a task with words reads all of them", () => {
    const tfidf = fitTfidf(["free money", "tea and rain"]);
    expect(() => readHead(encodeModel(head()), task, tfidf)).toThrow('it has no input "words"');
  });
});
