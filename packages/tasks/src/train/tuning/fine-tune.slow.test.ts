import type { Dataset, Input } from "@engraft/core";
import { createRandom, ortRuntime, StepRunner } from "@engraft/core";
import {
  ADAPTER_FILE,
  baseOfTask,
  decodeSafetensors,
  encodeSafetensors,
  openMemoryCache,
} from "@engraft/core/internal";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import {
  countingPlatform,
  imageBase,
  imageOf,
  textBase,
} from "../../../../core/test/tiny-bases.js";
import { type TrainConfigInput, trainConfigSchema } from "../../format/manifest/config.js";
import { Predictor } from "../../predict/predictor.js";
import { trainTask } from "../train.js";

const runtime = ortRuntime(ort);

/** Images whose label is a pattern in every patch that the random filters of the base mix up. */
function patterned(count: number, seed: number): Dataset {
  const random = createRandom(seed);
  const rows = Array.from({ length: count }, (_, row) => {
    const label = row % 2;
    // The base reads patches of 2 x 2 from the first channel of a 4 x 4 image.
    const values = Array.from({ length: 48 }, (_, i) => {
      const isDiagonal = (Math.floor(i / 4) + i) % 2 === label;
      return (i < 16 && isDiagonal ? 70 : 40) + random.integer(90);
    });
    return { input: imageOf(...values), label: label === 0 ? "a" : "b" };
  });
  return datasetOf("image", rows);
}

function chatter(): Dataset {
  const groups = { spam: ["free", "money", "win"], ham: ["tea", "walk", "rain"] };
  const random = createRandom(3);
  const rows = Object.entries(groups).flatMap(([label, words]) =>
    Array.from({ length: 12 }, () => {
      const length = 2 + random.integer(4);
      const text = Array.from({ length }, () => words[random.integer(3)]).join(" ");
      return { input: { kind: "text" as const, text }, label };
    }),
  );
  return datasetOf("text", rows);
}

function datasetOf(
  modality: Dataset["modality"],
  rows: readonly { input: Input; label: string }[],
): Dataset {
  const train = rows.map(({ input, label }, row) => ({
    source: `row ${row + 1}`,
    input,
    target: { kind: "single" as const, label },
  }));
  return {
    modality,
    labels: [...new Set(rows.map(({ label }) => label))].sort(),
    splits: { train },
    skipped: [],
  };
}

function trainOn(data: Dataset, fineTune: TrainConfigInput["fineTune"], seed = 0) {
  return trainTask(
    data.modality === "text" ? textBase : imageBase,
    data,
    trainConfigSchema.parse({ fineTune, seed }),
    countingPlatform(),
    {
      openCache: openMemoryCache,
      skipBad: false,
      version: "0.0.0",
      startedAt: 0,
      openStepEngine: (step, settings, state) => StepRunner.open(runtime, step, settings, state),
    },
  );
}

const thorough = { trainable: { kind: "all" }, learningRate: 0.02, epochs: 20 } as const;

describe("fine-tuning behind the gate", () => {
  it("keeps a tuned base that is better, and predicts with it", async () => {
    const data = patterned(60, 1);
    const before = structuredClone(imageBase.model.graph.initializers);
    const task = await trainOn(data, thorough);
    const { fineTuning, evaluation, base } = task.manifest;
    expect(fineTuning).toMatchObject({ kept: true, config: { recipe: "classify" } });
    expect(fineTuning!.gain).toBeGreaterThanOrEqual(0);
    expect(fineTuning!.logLoss!.gain).toBeGreaterThan(fineTuning!.logLoss!.standardError);
    expect(fineTuning!.tuned.accuracy).toBeCloseTo(evaluation.outOfFold!.accuracy, 12);
    expect(evaluation.outOfFold!.baselines.frozen).toBeDefined();
    expect(base.digest).toBe(imageBase.digest);
    expect(imageBase.model.graph.initializers).toEqual(before);

    const platform = countingPlatform();
    const tuned = await baseOfTask(imageBase, task.files, platform);
    expect(tuned.digest).not.toBe(imageBase.digest);
    const predictor = await Predictor.open(task, tuned, platform);
    const fresh = patterned(40, 2).splits.train;
    const answers = await predictor.predict(fresh.map(({ input }) => input));
    const right = answers.filter(
      (answer, row) => "label" in answer && answer.label === fresh[row]!.target.label,
    );
    expect(right.length).toBeGreaterThan(30);
    await predictor.release();
  });

  it("leaves the base frozen where tuning gains nothing", async () => {
    const task = await trainOn(chatter(), {
      trainable: { kind: "all" },
      learningRate: 1e-9,
      margin: 1,
    });
    expect(task.manifest.fineTuning).toMatchObject({ kept: false, gain: 0 });
    expect(task.files.has(ADAPTER_FILE)).toBe(false);
    expect(task.manifest.evaluation.outOfFold!.baselines.frozen).toBeUndefined();
  });

  it("gives the same bytes for the same seed", async () => {
    const [first, second] = [
      await trainOn(patterned(40, 1), thorough),
      await trainOn(patterned(40, 1), thorough),
    ];
    expect([...second.files]).toEqual([...first.files]);
    expect({ ...second.manifest, seconds: 0 }).toEqual({ ...first.manifest, seconds: 0 });
  });

  it.each(["top:1", "all", "lora:2"])(
    "trains %s of a base of texts by contrast",
    async (choice) => {
      const task = await trainOn(chatter(), choice);
      expect(task.manifest.fineTuning!.config).toMatchObject({ recipe: "contrast", margin: 0 });
      expect(task.manifest.fineTuning!.tuned.accuracy).toBeGreaterThan(0.8);
    },
  );

  it("mixes the frozen and the tuned weights as asked", async () => {
    const adapterOf = async (interpolation: number) => {
      const task = await trainOn(patterned(60, 1), { ...thorough, interpolation });
      return decodeSafetensors(task.files.get(ADAPTER_FILE)!).tensors.get("w1")!
        .data as Float32Array;
    };
    const [whole, half] = [await adapterOf(1), await adapterOf(0.75)];
    const frozen = imageBase.model.graph.initializers.get("w1")!.data as Float32Array;
    half.forEach((value, i) => {
      expect(value).toBeCloseTo(0.25 * frozen[i]! + 0.75 * whole[i]!, 5);
    });
  });

  it("says where there is nothing to train", async () => {
    await expect(trainOn(patterned(20, 1), "bias")).rejects.toThrow(/tiny-images has no biases/);
  });

  it("asks for fewer blocks than the base has", async () => {
    await expect(trainOn(patterned(20, 1), "top:9")).rejects.toThrow(
      /2 blocks below its last layer/,
    );
  });

  it("refuses an adapter of another base", async () => {
    const adapter = new Map([
      ["w1", { dtype: "float32" as const, dims: [1], data: Float32Array.of(1) }],
    ]);
    const files = new Map([[ADAPTER_FILE, encodeSafetensors(adapter)]]);
    await expect(baseOfTask(imageBase, files, countingPlatform())).rejects.toMatchObject({
      code: "task/invalid",
      file: ADAPTER_FILE,
    });
  });
});
