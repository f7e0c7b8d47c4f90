import type { BaseModel, Input } from "@engraft/core";
import { createRandom } from "@engraft/core";
import type { FeatureColumn } from "@engraft/core/internal";
import { ADAPTER_FILE, allColumns } from "@engraft/core/internal";
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
import {
  brokenImage,
  countingPlatform,
  imageBase,
  imageOf,
  textBase,
} from "../../../core/test/tiny-bases.js";
import { draw, randomHead, trainManifest } from "../../test/tiny-tasks.js";
import type { TaskManifest } from "../format/manifest/manifest.js";
import { Predictor } from "./predictor.js";
import { backboneKey, SharedBackbone } from "./shared-backbone.js";
import { TaskHead, type TaskParts } from "./task-head.js";

/**
 * Images again, and a layer whose scale ONNX Runtime folds into the weights of the one before it
 * wherever that one is not read.
 */
const foldedBase: BaseModel = {
  ...imageBase,
  spec: {
    ...imageBase.spec,
    id: "tiny-folded",
    taps: [
      { name: "convolved", value: "c", kind: "map", width: 16 },
      { name: "scaled", value: "s", kind: "map", width: 16 },
    ],
  },
  model: inferTypes(
    createModel({
      graph: createGraph({
        nodes: [
          createNode("Conv", ["pixels", "w1"], ["c"], { strides: [2, 2] }),
          createNode("Mul", ["c", "scale"], ["s"]),
        ],
        initializers: [
          ["w1", imageBase.model.graph.initializers.get("w1")!],
          ["scale", floats(draw(16, 7), [16, 1, 1])],
        ],
        inputs: imageBase.model.graph.inputs,
        outputs: [valueInfo("s", "float32", ["batch", 16, 2, 2])],
      }),
    }),
  ),
};

function floats(values: Float64Array, dims: readonly number[]): Tensor<"float32"> {
  return { dtype: "float32", dims, data: Float32Array.from(values) };
}

const bases = { images: imageBase, folded: foldedBase, texts: textBase };
const inputs: Record<keyof typeof bases, readonly Input[]> = {
  images: images(11, 1),
  folded: images(11, 2),
  texts: ["free money", "win", "tea and a walk", "rain rain rain", "", "money for tea"].map(
    (text) => ({ kind: "text", text }),
  ),
};

function images(count: number, seed: number): Input[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () =>
    imageOf(...Array.from({ length: 48 }, () => random.integer(250))),
  );
}

const manifests = new Map<BaseModel, TaskManifest>();

beforeAll(async () => {
  for (const name of ["images", "folded", "texts"] as const) {
    manifests.set(bases[name], await trainManifest(bases[name], inputs[name].slice(0, 6)));
  }
});

function headOn(base: BaseModel, columns: readonly FeatureColumn[], seed: number): TaskParts {
  return randomHead(manifests.get(base)!, columns, seed);
}

async function alone(task: TaskParts, base: BaseModel, given: readonly Input[]) {
  const predictor = await Predictor.open(task, base, countingPlatform());
  const { logProbabilities } = await predictor.logProbabilities(given);
  await predictor.release();
  return logProbabilities;
}

/** Answers of several tasks on one backbone, each for all inputs. */
async function together(tasks: readonly TaskParts[], base: BaseModel, given: readonly Input[]) {
  const platform = countingPlatform();
  const columns = tasks.flatMap(({ manifest }) => manifest.columns);
  const backbone = await SharedBackbone.open(base, { ...tasks[0]!.manifest, columns }, platform);
  const heads = await Promise.all(tasks.map((task) => TaskHead.open(task, platform)));
  const rows = Int32Array.from(given.keys());
  const answers = await backbone.run(
    given,
    heads.map((head) => ({ reader: head, rows })),
  );
  await Promise.all([backbone, ...heads].map((part) => part.release()));
  return { ...answers, runs: platform.runs };
}

/** A base and, for each of several heads, which of its columns it reads. */
const someHeads = fc.constantFrom(...(["images", "folded", "texts"] as const)).chain((name) =>
  fc.record({
    name: fc.constant(name),
    columns: fc.array(fc.subarray(allColumns(bases[name].spec), { minLength: 1 }), {
      minLength: 2,
      maxLength: 4,
    }),
  }),
);

describe("many heads on one backbone", () => {
  test.prop([someHeads], { numRuns: 40 })(
    "answer to the last bit what each answers alone",
    async ({ name, columns }) => {
      const base = bases[name];
      const tasks = columns.map((read, seed) => headOn(base, read, 10 * seed));
      const { answers } = await together(tasks, base, inputs[name]);
      for (const [index, task] of tasks.entries()) {
        expect(answers[index]).toEqual(await alone(task, base, inputs[name]));
      }
    },
  );

  it("take one pass of the base", async () => {
    const columns = allColumns(imageBase.spec);
    const tasks = columns.map((column, seed) => headOn(imageBase, [column], seed));
    const { runs } = await together(tasks, imageBase, inputs.images.slice(0, 8));
    expect(runs).toBe(1 + tasks.length);
  });

  it("each answer the rows that they are asked about", async () => {
    const platform = countingPlatform();
    const columns = allColumns(textBase.spec);
    const task = headOn(textBase, columns, 1);
    const [backbone, head] = [
      await SharedBackbone.open(textBase, task.manifest, platform),
      await TaskHead.open(task, platform),
    ];
    const { answers } = await backbone.run(inputs.texts, [
      { reader: head, rows: Int32Array.of(4, 1) },
      { reader: head, rows: Int32Array.of() },
    ]);
    const all = await alone(task, textBase, inputs.texts);
    expect(answers.map(({ rows }) => rows)).toEqual([2, 0]);
    expect(answers[0]!.data).toEqual(
      Float64Array.of(...all.data.slice(8, 10), ...all.data.slice(2, 4)),
    );
  });

  it("leave out an image that cannot be decoded, and answer the others", async () => {
    const task = headOn(imageBase, allColumns(imageBase.spec), 1);
    const [first, second] = inputs.images;
    const { answers: said, unreadable } = await together([task], imageBase, [
      first!,
      brokenImage,
      second!,
    ]);
    expect([...unreadable.keys()]).toEqual([1]);
    const { data } = await alone(task, imageBase, [first!, second!]);
    const [answers] = said;
    expect([...answers!.data.slice(0, 2), ...answers!.data.slice(4)]).toEqual([...data]);
  });
});

describe("a backbone", () => {
  it("covers what stands below its deepest layer, and nothing above", async () => {
    const [shallow, middle, deep] = allColumns(imageBase.spec);
    const { manifest } = headOn(imageBase, [middle!], 1);
    const backbone = await SharedBackbone.open(imageBase, manifest, countingPlatform());
    expect(backbone.covers({ columns: [shallow!, middle!] })).toBe(true);
    expect(backbone.covers({ columns: [] })).toBe(true);
    expect(backbone.covers({ columns: [middle!, deep!] })).toBe(false);
    await backbone.release();
  });

  it("is not opened for a layer that its base does not have", () => {
    const { manifest } = headOn(imageBase, allColumns(textBase.spec), 1);
    expect(() => SharedBackbone.open(imageBase, manifest, countingPlatform())).toThrow(
      /lacks a layer/,
    );
  });

  it("is shared by tasks that read the same weights in the same way", () => {
    const [column, other] = allColumns(imageBase.spec);
    const { manifest } = headOn(imageBase, [column!], 1);
    const key = backboneKey(manifest);
    expect(backboneKey({ ...manifest, columns: [other!], labels: ["c", "d"] })).toBe(key);
    const adapter = { [ADAPTER_FILE]: { sha256: "0".repeat(64), bytes: 1 } };
    const others: TaskManifest[] = [
      { ...manifest, base: { ...manifest.base, digest: "0".repeat(64) } },
      { ...manifest, preprocessing: textBase.spec.preprocessing },
      { ...manifest, files: { ...manifest.files, ...adapter } },
      { ...manifest, columns: [] },
    ];
    expect(new Set([key, ...others.map(backboneKey)]).size).toBe(5);
  });

  it("reads nothing where its heads read only words", async () => {
    const { manifest } = headOn(textBase, allColumns(textBase.spec), 1);
    const platform = countingPlatform();
    const backbone = await SharedBackbone.open(textBase, { ...manifest, columns: [] }, platform);
    await backbone.run(inputs.texts, []);
    expect(platform.runs).toBe(0);
  });
});
