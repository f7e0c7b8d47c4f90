import { readFileSync } from "node:fs";
import type { LossConfig } from "../src/train/losses/index.js";
import type { OptimizerConfig } from "../src/train/optimizers/index.js";
import type { ScheduleConfig } from "../src/train/settings/schedules.js";

/** What PyTorch, transformers, scikit-learn and TensorBoard say; written by src/train/goldens/make.py. */
export interface TrainingGoldens {
  readonly optimizers: readonly {
    readonly config: OptimizerConfig;
    readonly learningRate: number;
    readonly weightDecay: number;
    readonly weight: readonly number[];
  }[];
  readonly schedules: readonly {
    readonly config: ScheduleConfig;
    readonly steps: number;
    readonly factors: readonly number[];
  }[];
  readonly losses: readonly {
    readonly config: LossConfig;
    readonly shape: readonly [number, number];
    readonly scale: number;
    readonly targets: readonly number[];
    readonly targetShape: readonly number[];
    readonly loss: number;
    readonly gradient: readonly number[];
  }[];
  readonly metrics: Readonly<Record<"classes" | "labels", GoldenMetrics>>;
  /** A TensorBoard event file in base64. */
  readonly eventFile: string;
}

interface GoldenMetrics {
  readonly targets: readonly number[];
  readonly accuracy: number;
  readonly macroF1: number;
}

export const trainingGoldens: TrainingGoldens = JSON.parse(
  readFileSync(new URL("../src/train/goldens/training.json", import.meta.url), "utf8"),
);

/** The formula of `numbers` in src/train/goldens/make.py. */
export function goldenNumbers(count: number, seed: number, scale = 2): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return (state / 2 ** 32 - 0.5) * scale;
  });
}
