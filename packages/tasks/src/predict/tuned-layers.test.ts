import type { BaseModel, Input } from "@engraft/core";
import { createRandom } from "@engraft/core";
import type { FeatureColumn } from "@engraft/core/internal";
import { allColumns, applyAdapter, splitBase } from "@engraft/core/internal";
import {
  createGraph,
  createModel,
  createNode,
  inferTypes,
  type Tensor,
  valueInfo,
} from "@engraft/onnx";
import { fc, test } from "@fast-check/vitest";
import { beforeAll, describe, expect, it } from "vitest";
import { countingPlatform, imageBase, imageOf, textBase } from "../../../core/test/tiny-bases.js";
import { draw, randomHead, trainManifest } from "../../test/tiny-tasks.js";
import type { TaskManifest } from "../format/manifest/manifest.js";
import { Predictor } from "./predictor.js";
import { SharedBackbone } from "./shared-backbone.js";
import type { TaskParts } from "./task-head.js";
import { TaskPredictor } from "./task-predictor.js";

function floats(seed: number, ...dims: number[]): Tensor<"float32"> {
  const length = dims.reduce((product, size) => product * size, 1);
  return { dtype: "float32", dims, data: Float32Array.from(draw(length, seed)) };
}

/** Texts with three blocks; every block looks at the mask, as attention does. */
const deepTexts: BaseModel = {
  ...textBase,
  spec: {
    ...textBase.spec,
    id: "tiny-deep-texts",
    taps: ["e", "t1", "t2", "t3"].map((value, depth) => ({
      name: depth === 0 ? "embeddings" : `block.${depth}`,
      value,
      kind: "tokens" as const,
      width: 8,
    })),
  },
  model: inferTypes(
    createModel({
      graph: createGraph({
        nodes: [
          createNode("Gather", ["table", "ids"], ["e"]),
          createNode("Cast", ["mask"], ["seen"], { to: 1 }),
          createNode("Unsqueeze", ["seen", "last"], ["weights"]),
          ...[1, 2, 3].flatMap((block) => [
            createNode("MatMul", [block === 1 ? "e" : `t${block - 1}`, `w${block}`], [`m${block}`]),
            createNode("Mul", [`m${block}`, "weights"], [`s${block}`]),
            createNode("Tanh", [`s${block}`], [`t${block}`]),
          ]),
        ],
        initializers: [
          ["table", textBase.model.graph.initializers.get("table")!],
          ["last", { dtype: "int64", dims: [1], data: BigInt64Array.of(2n) }],
          ["w1", floats(1, 8, 8)],
          ["w2", floats(2, 8, 8)],
          ["w3", floats(3, 8, 8)],
        ],
        inputs: textBase.model.graph.inputs,
        outputs: [valueInfo("t3", "float32", ["batch", "token", 8])],
      }),
    }),
  ),
};

const inputs = {
  images: Array.from({ length: 11 }, (_, row): Input => {
    const random = createRandom(row);
    return imageOf(...Array.from({ length: 48 }, () => random.integer(250)));
  }),
  texts: ["free money", "win", "tea and a walk", "rain rain rain", "", "money for tea"].map(
    (text): Input => ({ kind: "text", text }),
  ),
};

/** Bases, the inputs for them, and the weight of their last block. */
const kinds = {
  images: { base: imageBase, weight: "w3", cut: "block.2" },
  texts: { base: deepTexts, weight: "w3", cut: "block.2" },
};
type Kind = keyof typeof kinds;

const manifests = new Map<Kind, TaskManifest>();

beforeAll(async () => {
  for (const kind of ["images", "texts"] as const) {
    manifests.set(kind, await trainManifest(kinds[kind].base, inputs[kind].slice(0, 6)));
  }
});

/** The base with other values in one of its weights. */
function tune(base: BaseModel, weight: string, seed: number): Promise<BaseModel> {
  const { dims } = base.model.graph.initializers.get(weight)!;
  return applyAdapter(
    base,
    new Map([[weight, floats(seed, ...dims)]]),
    `${seed}`,
    countingPlatform(),
  );
}

interface BasedTask {
  readonly task: TaskParts;
  readonly base: BaseModel;
}

async function alone({ task, base }: BasedTask, given: readonly Input[]) {
  const platform = countingPlatform();
  const predictor = await Predictor.open(task, base, platform);
  const { logProbabilities } = await predictor.logProbabilities(given);
  await predictor.release();
  return { logProbabilities, runs: platform.runs };
}

/** Answers of tasks, tuned and frozen, on the backbone of their frozen base. */
async function together(
  frozen: BaseModel,
  tasks: readonly BasedTask[],
  given: readonly Input[],
  rowsOf?: (task: number) => Int32Array,
) {
  const platform = countingPlatform();
  const taskPredictors = await Promise.all(
    tasks.map(({ task, base }) =>
      TaskPredictor.open(task, splitBase(base, task.manifest.columns), platform),
    ),
  );
  const needs = taskPredictors.map((taskPredictor) => taskPredictor.needs);
  const backbone = await SharedBackbone.open(
    frozen,
    {
      columns: needs.flatMap(({ columns }) => columns),
      cuts: needs.flatMap(({ cuts = [] }) => cuts),
      preprocessing: frozen.spec.preprocessing,
    },
    platform,
  );
  for (const need of needs) expect(backbone.covers(need)).toBe(true);
  const asked = taskPredictors.map(({ readers }, index) => ({
    reader: readers[0]!,
    rows: rowsOf?.(index) ?? Int32Array.from(given.keys()),
  }));
  const { answers } = await backbone.run(given, asked);
  await Promise.all([backbone, ...taskPredictors].map((part) => part.release()));
  return {
    answers,
    runs: platform.runs,
    keys: taskPredictors.map(({ backboneKey }) => backboneKey),
  };
}

function taskOn(kind: Kind, columns: readonly FeatureColumn[], seed: number): TaskParts {
  return randomHead(manifests.get(kind)!, columns, seed);
}

/** For each of several heads: which columns it reads, and whether its base is tuned. */
const someTasks = fc.constantFrom<Kind[]>("images", "texts").chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    heads: fc.array(
      fc.record({
        columns: fc.subarray(allColumns(kinds[kind].base.spec), { minLength: 1 }),
        isTuned: fc.boolean(),
      }),
      { minLength: 2, maxLength: 4 },
    ),
  }),
);

describe("tuned layers on a frozen backbone", () => {
  test.prop([someTasks], { numRuns: 20 })(
    "answer to the last bit what each task answers alone",
    async ({ kind, heads }) => {
      const { base: frozen, weight } = kinds[kind];
      const tasks = await Promise.all(
        heads.map(async ({ columns, isTuned }, seed) => {
          const base = isTuned ? await tune(frozen, weight, 100 + seed) : frozen;
          return { task: taskOn(kind, columns, 10 * seed), base };
        }),
      );
      // What reads no tuned layer is not split, and has a backbone of its own.
      const shared = tasks.filter(
        ({ task, base }) => base === frozen || splitBase(base, task.manifest.columns),
      );
      fc.pre(shared.length > 0);
      const { answers, keys } = await together(frozen, shared, inputs[kind]);
      expect(new Set(keys).size).toBe(1);
      for (const [index, task] of shared.entries()) {
        expect(answers[index]).toEqual((await alone(task, inputs[kind])).logProbabilities);
      }
    },
  );

  it.each(["images", "texts"] as const)(
    "give for %s what the whole tuned base gives",
    async (kind) => {
      const { base: frozen, weight } = kinds[kind];
      const { tuning: _, ...whole } = await tune(frozen, weight, 7);
      const task = taskOn(kind, allColumns(frozen.spec), 1);
      const expected = (await alone({ task, base: whole }, inputs[kind])).logProbabilities;
      const split = (await alone({ task, base: await tune(frozen, weight, 7) }, inputs[kind]))
        .logProbabilities;
      for (const [index, value] of split.data.entries()) {
        expect(value).toBeCloseTo(expected.data[index]!, 4);
      }
      const untuned = (await alone({ task, base: frozen }, inputs[kind])).logProbabilities;
      expect(untuned.data).not.toEqual(split.data);
    },
  );

  it("run the frozen ones once for all", async () => {
    const columns = allColumns(imageBase.spec);
    const tasks = [{ task: taskOn("images", columns, 1), base: imageBase }];
    for (let seed = 1; seed <= 3; seed++) {
      const base = await tune(imageBase, "w3", seed);
      tasks.push({ task: taskOn("images", columns, 10 * seed), base });
    }
    const { runs } = await together(imageBase, tasks, inputs.images.slice(0, 8));
    // The backbone, three times the layers above it, and four heads.
    expect(runs).toBe(1 + 3 + 4);
  });

  it("run only on the rows that their task is asked about", async () => {
    const columns = allColumns(deepTexts.spec);
    const base = await tune(deepTexts, "w3", 1);
    const tasks = [
      { task: taskOn("texts", columns, 1), base: deepTexts },
      { task: taskOn("texts", columns, 2), base },
    ];
    const some = Int32Array.of(4, 1);
    const { answers } = await together(deepTexts, tasks, inputs.texts, (index) =>
      index === 1 ? some : Int32Array.from(inputs.texts.keys()),
    );
    const { data } = (await alone(tasks[1]!, inputs.texts)).logProbabilities;
    expect([...answers[1]!.data]).toEqual([...data.slice(8, 10), ...data.slice(2, 4)]);
    const none = await together(deepTexts, tasks, inputs.texts, () => Int32Array.of());
    expect(none.answers.map(({ rows }) => rows)).toEqual([0, 0]);
  });
});

describe("a tuned base", () => {
  it.each(["images", "texts"] as const)("of %s is split below what was tuned", async (kind) => {
    const { base: frozen, weight, cut } = kinds[kind];
    const columns = allColumns(frozen.spec);
    const split = splitBase(await tune(frozen, weight, 1), columns);
    expect(split).toMatchObject({ frozen, cut: { name: cut } });
    const read = split!.columns.map(({ tap }) => tap);
    expect(new Set(read)).toEqual(new Set([frozen.spec.taps.at(-1)!.name]));
  });

  it("is whole where its lower half was tuned, or no layer above is read", async () => {
    const columns = allColumns(deepTexts.spec);
    expect(splitBase(await tune(deepTexts, "w1", 1), columns)).toBeUndefined();
    expect(splitBase(deepTexts, columns)).toBeUndefined();
    const below = columns.filter(({ tap }) => tap === "embeddings");
    expect(splitBase(await tune(deepTexts, "w3", 1), below)).toBeUndefined();
  });
});
