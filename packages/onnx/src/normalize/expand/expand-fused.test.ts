import { describe, expect, test } from "vitest";
import {
  expectSameFunction,
  type ModelParts,
  modelOf,
  noise,
  operatorsOf,
} from "../../../test/same-function.js";
import { inferTypes } from "../../infer/infer-types.js";
import { type AttributeInput, createNode } from "../../ir/build.js";
import type { Model } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor/tensor.js";
import { createTensor, tensorOf } from "../../ir/tensor/tensor-data.js";
import { expandFused } from "./expand-fused.js";

const expand = (model: Model) => expandFused(inferTypes(model));

/** What a case gives beside its operator: fed tensors and constants are found by name. */
interface Case {
  readonly inputs: readonly string[];
  readonly feeds: Record<string, Tensor>;
  readonly constants?: Record<string, Tensor>;
  readonly attributes?: Record<string, AttributeInput>;
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

function single(
  operator: string,
  { inputs, attributes, outputs = ["y"], ...parts }: Case,
): ModelParts {
  const domain = parts.opset === undefined ? "com.microsoft" : "";
  const names = outputs.map((output) => output.split(":")[0]!);
  const nodes = [createNode(operator, inputs, names, attributes, { domain })];
  return { nodes, outputs: outputs.filter((output) => output !== ""), ...parts };
}

const x = noise([2, 5, 8]);
const row = (seed: number) => noise([8], seed);
const int32s = (dims: number[], ...values: number[]) => tensorOf("int32", dims, values);

const activations: readonly [string, Case][] = [
  ["Gelu", { inputs: ["x"], feeds: { x } }],
  ["BiasGelu", { inputs: ["x", "b"], feeds: { x }, constants: { b: row(2) } }],
  ["FastGelu", { inputs: ["x"], feeds: { x } }],
  ["FastGelu", { inputs: ["x", "b"], feeds: { x }, constants: { b: row(2) } }],
  ["QuickGelu", { inputs: ["x"], feeds: { x } }],
  ["QuickGelu", { inputs: ["x"], feeds: { x }, attributes: { alpha: 1.3 } }],
];

const a = noise([4, 2, 3, 5], 1);
const products: readonly [string, Case][] = [
  ...[0, 1].flatMap((transA) =>
    [0, 1].map((transB): [string, Case] => [
      "FusedMatMul",
      {
        inputs: ["a", "b"],
        feeds: {
          a: noise(transA ? [2, 4, 5] : [2, 5, 4]),
          b: noise(transB ? [3, 4] : [4, 3], 2),
        },
        attributes: { transA, transB, alpha: 0.5 },
      },
    ]),
  ),
  [
    "FusedMatMul",
    { inputs: ["a", "b"], feeds: { a, b: noise([2, 3, 5, 6]) }, attributes: { transBatchA: 1 } },
  ],
  [
    "FusedMatMul",
    {
      inputs: ["a", "b"],
      feeds: { a: noise([5, 2, 3, 4]), b: noise([2, 3, 6, 5]) },
      attributes: { transBatchA: 1, transA: 1, transB: 1 },
    },
  ],
  ...([["Relu"], ["LeakyRelu", 0.2], ["Tanh"]] as const).map(
    ([activation, slope]): [string, Case] => [
      "FusedGemm",
      {
        inputs: ["a", "b", "c"],
        feeds: { a: noise([5, 4]) },
        constants: { b: noise([3, 4], 2), c: noise([3], 3) },
        attributes: {
          ...{ transB: 1, alpha: 0.7, activation },
          ...(slope === undefined ? {} : { activation_alpha: slope }),
        },
      },
    ],
  ),
  ...([["Relu"], ["LeakyRelu", 0.2], ["Clip", -0.5, 0.7], ["HardSigmoid", 0.3, 0.4]] as const).map(
    ([activation, ...parameters]): [string, Case] => [
      "FusedConv",
      {
        inputs: ["x", "w", "b"],
        feeds: { x: noise([1, 2, 6, 6]) },
        constants: { w: noise([3, 2, 3, 3], 2), b: noise([3], 3) },
        attributes: {
          ...{ activation, pads: [1, 1, 1, 1] },
          ...(parameters.length === 0 ? {} : { activation_params: parameters }),
        },
      },
    ],
  ),
  [
    "FusedConv",
    {
      inputs: ["x", "w", "", "z"],
      feeds: { x: noise([1, 2, 6, 6]), z: noise([1, 3, 4, 4], 4) },
      constants: { w: noise([3, 2, 3, 3], 2) },
      attributes: { activation: "Relu" },
    },
  ],
];

const scale = { g: row(3), b: row(4) };
const skip = noise([2, 5, 8], 5);
const withSum = ["y", "", "", "sum"];
const normalizations: readonly [string, Case][] = [
  [
    "SkipLayerNormalization",
    {
      inputs: ["x", "s", "g", "b", "bias"],
      feeds: { x, s: skip },
      constants: { ...scale, bias: row(6) },
      outputs: withSum,
    },
  ],
  [
    "SkipLayerNormalization",
    { inputs: ["x", "s", "g"], feeds: { x, s: skip }, constants: { g: row(3) } },
  ],
  [
    "SkipSimplifiedLayerNormalization",
    {
      inputs: ["x", "s", "g", "b"],
      feeds: { x, s: skip },
      constants: scale,
      attributes: { epsilon: 1e-5 },
      outputs: withSum,
    },
  ],
  [
    "SimplifiedLayerNormalization",
    {
      opset: 21,
      inputs: ["x", "g"],
      feeds: { x },
      constants: { g: row(3) },
      attributes: { axis: -1 },
    },
  ],
  [
    "RMSNormalization",
    {
      opset: 23,
      inputs: ["x", "g"],
      feeds: { x },
      constants: { g: noise([5, 8], 3) },
      attributes: { axis: 1, epsilon: 0.01 },
    },
  ],
  ["MeanVarianceNormalization", { opset: 21, inputs: ["x"], feeds: { x: noise([2, 3, 4, 4]) } }],
];

const mask = int32s([2, 5], 1, 1, 1, 1, 1, 1, 1, 1, 0, 0);
const tables = {
  ...{ words: noise([20, 8], 1), positions: noise([10, 8], 2), segments: noise([2, 8], 3) },
  ...scale,
};
const ids = int32s([2, 5], 1, 5, 3, 19, 0, 2, 2, 7, 8, 9);
const kinds = int32s([2, 5], 0, 0, 1, 1, 1, 0, 1, 1, 1, 1);
const embeddings: readonly [string, Case][] = [
  [
    "EmbedLayerNormalization",
    {
      inputs: ["ids", "kinds", "words", "positions", "segments", "g", "b", "mask"],
      feeds: { ids, kinds, mask },
      constants: tables,
      outputs: ["y", "count:int32", "sum"],
    },
  ],
  [
    "EmbedLayerNormalization",
    {
      inputs: ["ids", "", "words", "positions", "", "g", "b", "", "at"],
      feeds: { ids, at: int32s([2, 5], 9, 8, 7, 6, 5, 0, 1, 2, 3, 4) },
      constants: { words: tables.words, positions: tables.positions, ...scale },
      outputs: ["y", "count:int32"],
    },
  ],
];

const projection = { w: noise([8, 24], 1), bias: noise([24], 2) };
const packed = (more: Partial<Case>): [string, Case] => [
  "Attention",
  {
    inputs: ["x", "w", "bias", ...Object.keys(more.feeds ?? {})],
    constants: projection,
    attributes: { num_heads: 2, ...more.attributes },
    feeds: { x, ...more.feeds },
  },
];
const triangle = Array.from({ length: 50 }, (_, at) => (at % 5 <= Math.floor(at / 5) % 5 ? 1 : 0));
const [query, key, value] = [noise([2, 5, 8]), noise([2, 6, 8], 2), noise([2, 6, 4], 3)];
const multiHead = (more: Partial<Case>): [string, Case] => [
  "MultiHeadAttention",
  {
    inputs: more.inputs ?? ["q", "k", "v"],
    feeds: { q: query, k: key, v: value, ...more.feeds },
    constants: more.constants ?? {},
    attributes: { num_heads: 2, ...more.attributes },
  },
];
const keyMask = int32s([2, 6], 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1);
const attentions: readonly [string, Case][] = [
  packed({}),
  packed({ feeds: { mask } }),
  packed({ feeds: { mask }, attributes: { unidirectional: 1 } }),
  packed({ feeds: { lengths: int32s([2], 5, 3) } }),
  packed({ feeds: { pairs: int32s([2, 5, 5], ...triangle) }, attributes: { scale: 0.3 } }),
  multiHead({}),
  multiHead({
    inputs: ["q", "k", "v", "bias", "m"],
    feeds: { m: keyMask },
    constants: { bias: noise([20], 4) },
  }),
  multiHead({ inputs: ["q", "k", "v", "", "", "e"], feeds: { e: noise([1, 2, 5, 6], 4) } }),
  multiHead({ feeds: { k: noise([2, 2, 6, 4], 2), v: noise([2, 2, 6, 4], 3) } }),
];

const kept = tensorOf(
  "bool",
  [5, 6],
  Array.from({ length: 30 }, (_, at) => (at < 6 ? 0 : Math.min(1, at % 3))),
);
const split = { q: noise([2, 4, 5, 8]), k: noise([2, 2, 6, 8], 2), v: noise([2, 2, 6, 3], 3) };
const standard = (more: Partial<Case>): [string, Case] => [
  "Attention",
  {
    opset: 24,
    inputs: ["q", "k", "v", ...Object.keys(more.feeds ?? {})],
    ...more,
    feeds: { ...split, ...more.feeds },
  },
];
const standardAttentions: readonly [string, Case][] = [
  standard({}),
  standard({ feeds: { mask: kept } }),
  standard({ feeds: { mask: noise([5, 6], 4) }, attributes: { softcap: 0.5, scale: 0.7 } }),
  standard({ attributes: { is_causal: 1 } }),
  [
    "Attention",
    {
      opset: 23,
      inputs: ["q", "k", "v"],
      feeds: { q: query, k: key, v: value },
      attributes: { q_num_heads: 2, kv_num_heads: 2 },
    },
  ],
];

const angles = { c: noise([10, 4], 1), s: noise([10, 4], 2) };
const at = tensorOf("int64", [2, 5], [0, 1, 2, 3, 4, 9, 8, 7, 6, 5]);
const rotaries = [0, 1].flatMap((interleaved): [string, Case][] => [
  [
    "RotaryEmbedding",
    {
      inputs: ["x", "at", "c", "s"],
      feeds: { x: noise([2, 5, 16]), at },
      constants: angles,
      attributes: { interleaved },
    },
  ],
  [
    "RotaryEmbedding",
    {
      inputs: ["x", "at", "c", "s"],
      feeds: { x: noise([2, 5, 24]), at: tensorOf("int64", [1], [2]) },
      constants: angles,
      attributes: { interleaved, num_heads: 2, rotary_embedding_dim: 8 },
    },
  ],
  [
    "RotaryEmbedding",
    {
      opset: 23,
      inputs: ["x", "c", "s", "at"],
      feeds: { x: noise([2, 3, 5, 8]), at },
      constants: angles,
      attributes: { interleaved },
    },
  ],
  [
    "RotaryEmbedding",
    {
      opset: 23,
      inputs: ["x", "c", "s"],
      feeds: { x: noise([2, 5, 24]) },
      constants: { c: noise([2, 5, 4], 1), s: noise([2, 5, 4], 2) },
      attributes: { interleaved, num_heads: 3 },
    },
  ],
]);

const bytes = (dims: number[], seed: number): Tensor => {
  const { data } = noise(dims, seed);
  return createTensor(
    "uint8",
    dims,
    Uint8Array.from(data, (number) => (number + 1) * 128),
  );
};
const blocks = [
  [4, 16, 40],
  [8, 16, 32],
  [2, 32, 64],
].map(([bits, block_size, K]): [string, Case] => {
  const count = Math.ceil(K! / block_size!);
  const zeroBytes = Math.ceil((count * bits!) / 8);
  return [
    "MatMulNBits",
    {
      inputs: ["x", "weight", "scales", "zeros", "", "bias"],
      feeds: { x: noise([2, 3, K!]) },
      constants: {
        weight: bytes([6, count, (block_size! * bits!) / 8], 1),
        scales: noise([6 * count], 2),
        zeros: bytes([6 * zeroBytes], 3),
        bias: noise([6], 4),
      },
      attributes: { K: K!, N: 6, bits: bits!, block_size: block_size! },
    },
  ];
});
const middle: [string, Case] = [
  "MatMulNBits",
  {
    inputs: ["x", "weight", "scales"],
    feeds: { x: noise([3, 32]) },
    constants: { weight: bytes([6, 2, 8], 1), scales: noise([12], 2) },
    attributes: { K: 32, N: 6, bits: 4, block_size: 16 },
  },
];

const cases = [
  ...[activations, products, normalizations, embeddings, attentions, standardAttentions].flat(),
  ...[...rotaries, ...blocks, middle],
];

describe("expandFused", () => {
  test.for(cases)("%s", async ([operator, parts]) => {
    const expanded = await expectSameFunction(single(operator, parts), expand);
    const left = operatorsOf(expanded).filter((name) => name.includes(".") || name === operator);
    expect(left).toEqual(operator === "Gelu" ? ["Gelu"] : []);
  });

  test("gives a query that sees no key zeros, not NaN", async () => {
    const hidden = tensorOf("bool", [5, 6], new Array(30).fill(0));
    await expectSameFunction(single(...standard({ feeds: { mask: hidden } })), expand);
  });

  test("keeps the layer of a node: scope of the name, and metadata", () => {
    const model = modelOf(
      single("BiasGelu", { inputs: ["x", "b"], feeds: { x }, constants: { b: row(2) } }),
    );
    const [node] = model.graph.nodes;
    const metadata = new Map([["namespace", "net"]]);
    const nodes = [{ ...node!, name: "/layer.0/act/Gelu", metadata }];
    const expanded = expand({ ...model, graph: { ...model.graph, nodes } });
    expect(expanded.graph.nodes.map(({ name }) => name)).toEqual([
      "/layer.0/act/Add",
      "/layer.0/act/Gelu",
    ]);
    expect(expanded.graph.nodes.every((added) => added.metadata === metadata)).toBe(true);
  });

  const left: readonly [string, ModelParts][] = [
    [
      "a cache",
      single("MultiHeadAttention", {
        inputs: ["q", "k", "v"],
        feeds: { q: query, k: key, v: value },
        attributes: { num_heads: 2 },
        outputs: ["y", "keys", "values"],
      }),
    ],
    [
      "packed weights that are fed",
      single("MatMulNBits", {
        ...middle[1],
        feeds: { ...middle[1].feeds, ...middle[1].constants },
        constants: {},
      }),
    ],
    ["an operator that is not fused", single("Relu", { opset: 21, inputs: ["x"], feeds: { x } })],
  ];
  test.for(left)("leaves %s alone", ([, parts]) => {
    const model = inferTypes(modelOf(parts));
    expect(expandFused(model)).toBe(model);
  });
});
