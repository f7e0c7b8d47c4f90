import { readdirSync, readFileSync } from "node:fs";
import { decodeModel, inferTypes, normalize, type Tensor } from "@engraft/onnx";
import { describe, expect, it } from "vitest";
import { config, testPlatform } from "../../../test/training-networks.js";
import { decodeSafetensors } from "../../codec/safetensors.js";
import type { Feeds } from "../../runtime/feeds.js";
import { initialState, stepSettings } from "../loop/open-step.js";
import type { FitConfig } from "../settings/config.js";
import { compileStep, type StepSource } from "./compile-step.js";

/** What PyTorch made of the same weights and batches; written by conformance/parity.py. */
interface Parity {
  readonly output: string;
  readonly batchNorm: "training" | "frozen";
  readonly steps: number;
  readonly batches: number;
  readonly inputs: readonly string[];
  readonly weights: readonly { readonly onnx: string }[];
  readonly runs: Readonly<Record<"sgd" | "adamw", ParityRun>>;
}

interface ParityRun {
  readonly options: { readonly lr: number; readonly weight_decay: number };
  readonly losses: readonly number[];
}

const folder = new URL("../../../../../conformance/fixtures/parity/", import.meta.url);

describe.each(readdirSync(folder))("50 steps of %s", (name) => {
  const fileOf = (file: string): Buffer => readFileSync(new URL(`${name}/${file}`, folder));
  const parity: Parity = JSON.parse(fileOf("parity.json").toString());
  const source = sourceOf(parity, fileOf("model.onnx"));
  const batches = batchesOf(parity, decodeSafetensors(fileOf("batches.safetensors")).tensors);

  it.each(["sgd", "adamw"] as const)("of %s have the losses of PyTorch", async (optimizer) => {
    const { options, losses } = parity.runs[optimizer];
    const weightDecay = options.weight_decay;
    const input = config({ optimizer, learningRate: options.lr, weightDecay });
    const trained = await train(source, batches, input, parity.steps);
    expect(trained).toHaveLength(losses.length);
    trained.forEach((loss, step) => {
      expect(Math.abs(loss - losses[step]!) / losses[step]!, `step ${step}`).toBeLessThan(1e-3);
    });
  });
});

function sourceOf({ output, weights, batchNorm }: Parity, bytes: Uint8Array): StepSource {
  const model = inferTypes(normalize(decodeModel(bytes)));
  const norms = model.graph.nodes.filter(({ opType }) => opType === "BatchNormalization");
  return {
    model,
    output,
    trainable: weights.map(({ onnx }) => onnx),
    trainableNorms: new Set(batchNorm === "training" ? norms.map((node) => node.outputs[0]!) : []),
  };
}

function batchesOf({ batches, inputs }: Parity, tensors: ReadonlyMap<string, Tensor>): Feeds[] {
  return Array.from({ length: batches }, (_, batch) => {
    const read = inputs.map((name) => [name, tensors.get(`${name}/${batch}`)!] as const);
    return new Map([...read, ["targets", tensors.get(`labels/${batch}`)!]]);
  });
}

/** The loss of every step. */
async function train(
  source: StepSource,
  batches: readonly Feeds[],
  input: FitConfig,
  steps: number,
): Promise<number[]> {
  const step = compileStep(source, input.loss);
  const state = initialState(source, step, input);
  const settings = stepSettings(step, input, {});
  const engine = await testPlatform().openStepEngine(step, settings, state);
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const { batches: results } = await engine.update(
      [batches[i % batches.length]!],
      input.learningRate,
    );
    losses.push(results[0]!.loss);
  }
  await engine.close();
  return losses;
}
