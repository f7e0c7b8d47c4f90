import { describe, expect, it } from "vitest";
import {
  config,
  convolutional,
  countingRuntime,
  embedding,
  floats,
  perceptron,
  samplesOf,
  sourceOf,
  testPlatform,
  testRuntime,
} from "../../../test/training-networks.js";
import { type Feeds, feedsOf } from "../../runtime/feeds.js";
import { runTraining } from "../loop/fit.js";
import { initialState, stepSettings } from "../loop/open-step.js";
import { type CompiledStep, compileStep } from "../step/compile-step.js";
import { StepRunner } from "../step/step-runner.js";
import { type ExampleSource, tensorSource } from "./example-source.js";
import { FrozenPrefix, type PrefixOptions, type ReadFeeds } from "./frozen-prefix.js";

const runtime = testRuntime();

/** Notes what is read of a source. */
function watched(source: ExampleSource): ExampleSource & { readonly reads: number[][] } {
  const reads: number[][] = [];
  return {
    ...source,
    reads,
    read(positions, epoch) {
      reads.push([...positions]);
      return source.read(positions, epoch);
    },
  };
}

/** What a step is fed for the examples of a source. */
async function fed(
  step: CompiledStep,
  source: ExampleSource,
  options?: PrefixOptions,
): Promise<ReadFeeds> {
  return (await FrozenPrefix.open(step, runtime)).over(source, options);
}

const images = samplesOf({ pixels: floats(3, 8, 2, 6, 6) }, 4);
const everything = [0, 1, 2, 3, 4, 5, 6, 7];

describe("a frozen prefix", () => {
  const step = compileStep(sourceOf(convolutional(), ["two", "head"]), config().loss);

  it("runs once over examples that never change", async () => {
    const source = watched(images.source);
    const prefix = await fed(step, source);
    expect(source.reads).toEqual([everything]);
    await prefix([3, 1], 0);
    await prefix([1, 7], 1);
    expect(source.reads).toHaveLength(1);
  });

  it("runs for every batch where examples change, with the same bits", async () => {
    const cached = await fed(step, images.source);
    const source = watched({ ...images.source, varies: true });
    const anew = await fed(step, source);
    expect(source.reads).toEqual([]);
    const order = everything.toReversed();
    const feeds = await anew(order, 0);
    expect(source.reads).toEqual([order]);
    for (const { name } of step.cut) {
      expect((await cached(order, 0)).get(name)).toEqual(feeds.get(name));
    }
  });

  it("that is cached trains as one that is not, to the bit", async () => {
    const input = config({ epochs: 3, batchSize: 8, learningRate: 0.1 });
    const source = sourceOf(convolutional(), ["two", "head"]);
    const [cached, anew] = await Promise.all(
      [false, true].map((varies) =>
        runTraining(
          source,
          { training: { ...images, source: { ...images.source, varies } } },
          input,
          testPlatform(runtime),
        ),
      ),
    );
    expect(cached).toEqual(anew);
  });

  it("is loaded once for training and validation", async () => {
    const counted = countingRuntime(runtime);
    const source = sourceOf(convolutional(), ["two", "head"]);
    const data = { training: images, validation: images };
    await runTraining(source, data, config({ epochs: 1 }), testPlatform(counted));
    // The prefix, the training part and the evaluation part.
    expect(counted.created).toBe(3);
    expect(counted.released).toBe(3);
  });

  it("is not there where everything is trained", async () => {
    const source = watched(tensorSource(feedsOf({ x: floats(1, 4, 5) })));
    const whole = compileStep(sourceOf(perceptron(), [""]), config().loss);
    const prefix = await fed(whole, source);
    expect(source.reads).toEqual([]);
    expect(await prefix([2], 0)).toEqual(await source.read([2], 0));
  });

  it("reports how far it is, and stops when it is told to", async () => {
    const done: number[] = [];
    const source = tensorSource(feedsOf({ pixels: floats(3, 20, 2, 6, 6) }));
    const onProgress = (progress: { done: number; total: number }) => {
      expect(progress.total).toBe(20);
      done.push(progress.done);
    };
    await fed(step, source, { onProgress });
    expect(done.at(-1)).toBe(20);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(fed(step, source, { signal })).rejects.toThrow("enough");
  });
});

describe("texts of several lengths", () => {
  const rows = [
    [3, 5, 4, 9],
    [7, 1],
    [2, 2, 8],
  ];
  const ragged: ExampleSource = {
    count: 3,
    varies: false,
    async read(positions) {
      const chosen = positions.map((position) => rows[position]!);
      const length = Math.max(...chosen.map((row) => row.length));
      const tensor = (numberOf: (row: number[], at: number) => number | undefined) => ({
        dtype: "int64" as const,
        dims: [chosen.length, length],
        data: BigInt64Array.from(
          chosen.flatMap((row) =>
            Array.from({ length }, (_, at) => BigInt(numberOf(row, at) ?? 0)),
          ),
        ),
      });
      return feedsOf({
        ids: tensor((row, at) => row[at]),
        mask: tensor((row, at) => Number(at < row.length)),
      });
    },
    groups: () => [[0], [1], [2]],
  };

  it("are filled up to the longest of a batch, whatever they were cached with", async () => {
    const source = sourceOf(embedding(), ["inner", "head"]);
    const settings = config();
    const step = compileStep(source, settings.loss);
    const [cut] = step.cut;
    expect(cut!.type.shape).toEqual(["batch", "length", 4]);
    const cached = await fed(step, ragged);
    const anew = await fed(step, { ...ragged, varies: true });
    const state = initialState(source, step, settings);
    const engine = await StepRunner.open(runtime, step, stepSettings(step, settings, {}), state);
    for (const positions of [[0, 1, 2], [1, 2], [2], [2, 0]]) {
      const targets = {
        dtype: "int64",
        dims: [positions.length],
        data: new BigInt64Array(positions.length),
      } as const;
      const feeds = await cached(positions, 0);
      const batch = (read: Feeds): Feeds => new Map([...read, [step.targets.name, targets]]);
      const longest = Math.max(...positions.map((position) => rows[position]!.length));
      expect(feeds.get(cut!.name)!.dims).toEqual([positions.length, longest, 4]);
      const expected = await engine.evaluate(batch(await anew(positions, 0)));
      expect(await engine.evaluate(batch(feeds))).toEqual(expected);
    }
  });
});
