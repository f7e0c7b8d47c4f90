import { describe, expect, it } from "vitest";
import { imageBase, imageOf } from "../../../test/tiny-bases.js";
import { config, floats, samplesOf, testPlatform } from "../../../test/training-networks.js";
import { augmentationRandom, augmentImage } from "../../augment/augment.js";
import type { ImageChanges } from "../../augment/config.js";
import { UsageError } from "../../errors.js";
import type { Platform } from "../../platform.js";
import { preprocessImage } from "../../preprocess/image/chain.js";
import { type FitRunOptions, type FitSamples, runTraining } from "../loop/fit.js";
import type { RunState } from "../loop/run-state.js";
import type { FitConfigInput } from "../settings/config.js";
import type { StepSource } from "../step/compile-step.js";
import { datasetSource } from "./example-source.js";
import { singleSamples } from "./samples.js";

/** Frozen convolutions, and a last layer that is trained. */
const source: StepSource = {
  model: imageBase.model,
  output: "f",
  trainable: ["w3"],
  trainableNorms: new Set(),
};

/** Images of 4 x 4 pixels, all different, and how often each was asked for with which changes. */
function examples(count: number): FitSamples & { readonly asked: (ImageChanges | undefined)[] } {
  const asked: (ImageChanges | undefined)[] = [];
  const platform: Pick<Platform, "prepareImage"> = {
    async prepareImage(data, spec, { changes } = {}) {
      asked.push(changes);
      const image = { width: 4, height: 4, data };
      const pixels = changes
        ? augmentImage(image, spec, changes.augmentation, augmentationRandom(changes))
        : preprocessImage(image, spec);
      return { pixels, colorHistogram: new Float32Array() };
    },
  };
  const inputs = Array.from({ length: count }, (_, image) =>
    imageOf(...Array.from({ length: 48 }, (_, i) => (image * 67 + i * 31) % 255)),
  );
  const data = BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 24));
  return {
    source: datasetSource(inputs, { ...imageBase.spec, tokenizer: () => undefined }, platform),
    samples: singleSamples({ dtype: "int64", dims: [count], data }),
    asked,
  };
}

const input: FitConfigInput = { epochs: 3, batchSize: 2, learningRate: 0.01, seed: 9 };

const run = (training: FitSamples, more: FitConfigInput, options: FitRunOptions = {}) =>
  runTraining(source, { training }, config({ ...input, ...more }), testPlatform(), options);

describe("augmentation", () => {
  it("shows each image in every epoch, changed by seed, epoch and position alone", async () => {
    const training = examples(3);
    const validation = examples(2);
    const settings = config({ ...input, augmentation: "strong" });
    await runTraining(source, { training, validation }, settings, testPlatform());
    const { augmentation } = settings;
    const expected = [0, 1, 2].flatMap((epoch) =>
      [0, 1, 2].map((example) => ({ augmentation, seed: 9, epoch, example })),
    );
    expect(training.asked).toHaveLength(9);
    expect(training.asked).toEqual(expect.arrayContaining(expected));
    expect(validation.asked).toEqual([undefined, undefined]);
  });

  it.each([undefined, "none"] as const)("of %s reads each image once", async (augmentation) => {
    const training = examples(3);
    await run(training, { augmentation });
    expect(training.asked).toEqual([undefined, undefined, undefined]);
  });

  it("changes what is learned, the same way for the same seed", async () => {
    const weightsOf = async (more: FitConfigInput) =>
      (await run(examples(3), more)).state.weights.get("w3");
    const plain = await weightsOf({});
    const changed = await weightsOf({ augmentation: "light" });
    expect(changed).not.toEqual(plain);
    expect(await weightsOf({ augmentation: "light" })).toEqual(changed);
  });

  it("goes on where a run was interrupted", async () => {
    const more = { augmentation: "light", checkpointEvery: 1 } as const;
    const states: RunState[] = [];
    const expected = await run(examples(5), more, {
      onCheckpoint: async (state) => void states.push(state),
    });
    const resume = states[4]!;
    expect(resume.position).toMatchObject({ epoch: 1, updatesInEpoch: 2 });
    expect(await run(examples(5), more, { resume })).toEqual(expected);
  });

  it("is for images", async () => {
    const tensors = samplesOf({ pixels: floats(1, 4, 3, 4, 4) }, 1);
    await expect(run(tensors, { augmentation: "light" })).rejects.toThrow(UsageError);
  });
});
